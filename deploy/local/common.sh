# What up, down, restart and status share; they read it, it does nothing by itself. Needs `here`, the folder it is in.
name=$(basename "$0")
root=$(CDPATH= cd -- "$here/../.." && pwd) || exit 1
state=${DIRECT_LOCAL_DIR:-/tmp/direct-local}
case $state in /*) ;; *) state=$PWD/$state ;; esac
logs=$state/logs
processes=$state/processes # a line for each: kind, port, process id, and when that process began, in ticks since the machine's start
commands=$state/commands   # a file for each, <kind>-<port>: how it was started
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:${DOTNET_ROOT:-$HOME/.dotnet}
began=$(date +%s)
patience=55 # seconds from `began` until everything must be ready

die() {
    echo "$name: $*" >&2
    exit 1
}

# begun <process id>: prints when it began; nothing for one that is gone, or ended and not yet collected by its parent.
begun() {
    # "123 (a name) S 1 …": behind the name, which may hold anything, the state is word 1 and the beginning word 20. Z is that of the first
    # thread alone, and while there are others the process still has its ports.
    case $(echo "/proc/$1/task"/*) in *' '*) ended= ;; *) ended='/^[ZX]/d' ;; esac
    sed -n "s/^.*) //; $ended; p" "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# lives <process id> <when it began>: a process id is used again some day, but not with the same beginning.
lives() {
    [ "$(begun "$1")" = "$2" ]
}

# each <kind> <command …>: runs the command with port, process id and beginning of each process of that kind.
each() {
    kind=$1
    shift
    [ -f "$processes" ] || return 0
    while read -r row_kind row_port row_pid row_begun; do
        [ "$row_kind" != "$kind" ] || "$@" "$row_port" "$row_pid" "$row_begun" </dev/null
    done <"$processes"
}

# Only one of up, down and restart at a time. The processes that they start do not inherit the lock.
lock() {
    exec 9>"$state/lock" || die "cannot write to $state"
    flock -n 9 || die "another up, down or restart is at work on $state"
}

listens() {
    # Columns of /proc/net/tcp: number, local address:port, remote address:port, state (0A: listening).
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$1") [0-9A-F]*:0000 0A "
}

# prepare <kind> <port> <command ...>: writes down how to start it, with those of our variables of the environment that are settings.
prepare() {
    prepared=$commands/$1-$2
    shift 2
    {
        export -p | awk '/^export /{ wanted = /^export (Direct__|Logging__|Kestrel__|ASPNETCORE_|DOTNET_|OTEL_)/ } wanted'
        printf exec
        for word do
            printf " '%s'" "$(printf %s "$word" | sed "s/'/'\\\\''/g")"
        done
        printf ' "$@"\n'
    } >"$prepared" || die "cannot write to $commands"
}

# launch <kind> <port> [argument of this run alone ...]: in a session of its own, so that neither Ctrl-C nor the end of the terminal reaches it.
launch() {
    launched=$1-$2
    row="$1 $2"
    shift 2
    [ ! -e "$logs/$launched.log" ] || mv "$logs/$launched.log" "$logs/$launched.log.before"
    (cd "$state" && exec setsid sh "$commands/$launched" "$@") >"$logs/$launched.log" 2>&1 </dev/null 8>&- 9>&- &
    row="$row $! $(begun $!)"
    {
        [ ! -f "$processes" ] || cat "$processes"
    } | awk -v row="$row" '
        BEGIN { split(row, now, " ") }
        $1 == now[1] && $2 == now[2] { $0 = row; replaced = 1 }
        { print }
        END { if (!replaced) print row }' >"$processes.new" && mv "$processes.new" "$processes" || die "cannot write to $state"
}

# Sets `missing` to what is not ready, a line each. Run over and over, by one kind after the other; only for one port where one is given.
look() {
    [ -z "$1" ] || [ "$1" = "$2" ] || return 0
    shift
    if ! lives "$2" "$3"; then
        missing="$missing
$kind on port $1 has ended; the end of $logs/$kind-$1.log:
$(grep -v "^ *at " "$logs/$kind-$1.log" 2>/dev/null | tail -n 15)"
        over=yes
    elif ! answer=$("is_ready_$kind" "$1"); then
        missing="$missing
$kind on port $1 is not ready: $answer; see $logs/$kind-$1.log"
    fi
}

is_ready_database() {
    listens "$1" || { echo "it does not listen"; false; }
}

is_ready_silo() {
    grep -q 'is ready in cluster' "$logs/silo-$1.log" || { echo "it is not a member of the cluster"; false; }
}

is_ready_gateway() {
    said=$(curl -sS --noproxy '*' --max-time 2 -w ' (%{http_code})' "http://127.0.0.1:$1/readyz" 2>&1 9>&-)
    case $said in *' (200)') ;; *) printf '/readyz says: %s' "$said" | tr '\n' ' '; false ;; esac
}

# It passes to a gateway that is.
is_ready_balancer() {
    is_ready_gateway "$1"
}

# await <kind> [port]
await() {
    while
        missing='' over=''
        each "$1" look "${2-}"
        [ -n "$missing" ]
    do
        [ -z "$over" ] && [ "$(($(date +%s) - began))" -lt "$patience" ] || die "not up after $(($(date +%s) - began)) s:$missing"
        sleep 0.1
    done
}

# wait_for_end <seconds> <process id> <beginning>
wait_for_end() {
    tenths=$(($1 * 10))
    while lives "$2" "$3"; do
        [ "$tenths" -gt 0 ] || return 1
        tenths=$((tenths - 1))
        sleep 0.1
    done
}

ask_to_end() {
    lives "$2" "$3" || return 0
    asked="$asked $2 "
    kill -TERM "$2" 2>/dev/null
    kill -CONT "$2" 2>/dev/null # one that was frozen could not hear it
}

await_end() {
    case $asked in *" $2 "*) ;; *) echo "$name: $kind on port $1 had ended before"; return 0 ;; esac
    if wait_for_end "$limit" "$2" "$3"; then
        echo "$name: $kind on port $1 stopped"
    else
        kill -KILL "$2" 2>/dev/null
        wait_for_end 10 "$2" "$3"
        echo "$name: $kind on port $1 did not stop within $limit s and was killed"
    fi
}

stop_one() {
    ask_to_end "$@"
    await_end "$@"
}

# stop <kind>: all of that kind. Gateways together; silos one after the other, so that each hands on its grains.
stop() {
    asked=
    limit_of "$1"
    case $1 in
    gateway)
        each gateway ask_to_end
        each gateway await_end
        ;;
    *) each "$1" stop_one ;;
    esac
}

# limit_of <kind>: sets `limit` to how many seconds such a process may take to end.
limit_of() {
    case $1 in gateway) limit=60 ;; silo) limit=70 ;; *) limit=30 ;; esac
}

# Gateways first, so that they say good-bye while there is a cluster, and through the balancer, which meanwhile tells whoever comes back
# that nobody is ready.
stop_all() {
    for each_kind in gateway balancer silo database; do stop "$each_kind"; done
    rm -f "$processes"
}
