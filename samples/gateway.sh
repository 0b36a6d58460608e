# Read by the start scripts of the samples. Builds the client where that was not done, and starts a gateway unless DIRECT_URL and DIRECT_KEY name one.
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1

for command in npm curl ${needs-php}; do
    command -v "$command" >/dev/null || { echo "$0: $command is missing; install it: apt-get install npm curl php-cli" >&2; exit 1; }
done
if [ ! -f "$root/clients/js/dist/client.js" ]; then
    npm ci --prefix "$root/clients/js" && npm run build --prefix "$root/clients/js" || exit 1
fi

start_gateway() { # start_gateway <port> [setting ...]
    [ -z "$DIRECT_URL" ] || return
    port=${DIRECT_PORT:-$1}
    shift
    export DIRECT_URL="http://localhost:$port"
    # Another gateway would not know the key.
    if curl --silent --output /dev/null "$DIRECT_URL"; then
        echo "$0: port $port is in use; set DIRECT_PORT to a free one, or DIRECT_URL and DIRECT_KEY to use the gateway that runs there" >&2
        exit 1
    fi
    DIRECT_KEY=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
    export DIRECT_KEY
    Direct__Signals__Keys__0=$DIRECT_KEY "$root/run" "port=$port" Direct:Connections:Direct2=true "$@" &
    gateway=$!
    until curl --silent --fail --output /dev/null "$DIRECT_URL/readyz"; do
        kill -0 "$gateway" 2>/dev/null || exit 1
        sleep 0.2
    done
}

serve() { # serve <port>
    cd "$(dirname -- "$0")" || exit 1
    php -S "localhost:$1" -t public backend.php &
    site=$!
    trap 'kill $site $gateway 2>/dev/null' EXIT
    trap 'exit 130' INT TERM
    echo "Open http://localhost:$1 in two tabs. Ctrl-C ends it."
    wait "$site"
}
