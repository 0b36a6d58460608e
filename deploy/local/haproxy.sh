# What the load balancer is told; up reads this file, it does nothing by itself.

# balancer_configuration <port> <gateway's port ...>
balancer_configuration() {
    cat <<EOF
global
    # The head of a request must fit in one buffer: a GET signal of 64 KiB, percent-encoded, is a line of 3 x 65536 + 4096 bytes, and gateways
    # take 32 KiB of headers behind it.
    tune.bufsize 262144
    # Two a connection; fewer where \`ulimit -n\` says so.
    fd-hard-limit 50000
    # A port that somebody else has is an error, not something to share.
    noreuseport

defaults
    mode http
    timeout connect 2s
    timeout http-request 10s
    timeout http-keep-alive 60s
    timeout client 75s
    timeout server 75s
    # A WebSocket may be silent for as long as its gateway likes: pings go out every 30 s, and at most every hour (Direct:Connections:PingInterval).
    timeout tunnel 2h
    timeout client-fin 30s
    timeout server-fin 30s

frontend browsers_and_backends
    bind 127.0.0.1:$1
    # Gateways believe this proxy, so nothing that a stranger says about addresses may get through it.
    http-request del-header X-Forwarded- -m beg
    http-request del-header Forwarded
    http-request del-header X-Real-IP
    http-request del-header CF-Connecting-IP
    http-request set-header X-Forwarded-For %[src]
    # No log of requests: keys may stand in them.
    http-error status 503 content-type "text/plain; charset=utf-8" string "No gateway is ready to take this; nothing was sent. Try again in a moment.\n" hdr Retry-After 1
    http-error status 502 content-type "text/plain; charset=utf-8" string "The gateway ended before it answered; nothing is promised. Repeat the signal with the same id.\n"
    http-error status 504 content-type "text/plain; charset=utf-8" string "The gateway did not answer; nothing is promised. Repeat the signal with the same id.\n"
    default_backend gateways

backend gateways
    balance leastconn
    # A connection for every request: one that lies idle may end under the next signal, and nobody could tell whether that was taken.
    option http-server-close
    # Another gateway is tried when one does not take the connection. What a gateway may have read is never sent again: it may be a signal.
    retries 3
    option redispatch 1
    retry-on conn-failure
    # 503 from the first moment of a drain on: no new connection goes there within a second and a half, and the old ones stay.
    option httpchk
    http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host gateway
    http-check expect status 200
    timeout check 2s
    default-server check inter 500ms fall 2 rise 1
EOF
    shift
    for gateway_port do
        echo "    server gateway-$gateway_port 127.0.0.1:$gateway_port"
    done
}
