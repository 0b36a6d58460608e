// One node of the peer: bun node.mjs PORT REDIS_PORT. README.md says what it does and what it leaves out.
import Redis from "ioredis";

const [port, redisPort] = process.argv.slice(2).map(Number);
const host = "127.0.0.1";
const room = /^-?[1-9]\d*,-?[1-9]\d*$/;
const target = /^(-?[1-9]\d*,-?[1-9]\d*,0|0,0,-?[1-9]\d*)$/;

// Without Redis a node would look alive and deliver nothing.
function retryStrategy() {
    console.error(`no Redis on port ${redisPort}`);
    process.exit(1);
}

const publisher = new Redis(redisPort, host, { enableAutoPipelining: true, retryStrategy });
const subscriber = new Redis(redisPort, host, { retryStrategy });

// How many connections of this node are in a topic: Redis is told of the first and of the last.
const members = new Map();
let users = 0;

function join(socket, topic) {
    const before = members.get(topic) ?? 0;
    members.set(topic, before + 1);
    socket.subscribe(topic);
    if (before === 0) {
        subscriber.subscribe(topic);
    }
}

function leave(socket, topic) {
    const left = members.get(topic) - 1;
    socket.unsubscribe(topic);
    if (left > 0) {
        members.set(topic, left);
    } else {
        members.delete(topic);
        subscriber.unsubscribe(topic);
    }
}

async function signal(parameters) {
    const [part, message] = [parameters.get("part"), parameters.get("message")];
    if (message === null || !target.test(part)) {
        return new Response("part=group,channel,0 or part=0,0,user, and message, expected", { status: 400 });
    }

    const gateways = await publisher.publish(part, message); // as many as have subscribed: nobody counts the connections
    return Response.json({ id: parameters.get("id") ?? crypto.randomUUID(), delivered: null, gateways });
}

const server = Bun.serve({
    port,
    hostname: host,
    fetch(request, server) {
        const { pathname, searchParams } = new URL(request.url);
        switch (pathname) {
            case "/!direct":
                return server.upgrade(request, { data: {} }) ? undefined : new Response("a WebSocket expected", { status: 426 });
            case "/!direct-signal":
                return signal(searchParams);
            default:
                return new Response("", { status: 404 });
        }
    },
    websocket: {
        message(socket, message) {
            const { data } = socket;
            const text = message.toString();
            if (!data.user) {
                data.user = `0,0,${++users * 65_536 + port}`; // the first message is the token; no other node gives the same id
                join(socket, data.user);
            } else if (text.startsWith(":")) {
                if (data.room) {
                    publisher.publish(data.room, text.slice(1));
                }
            } else if (room.test(text)) {
                if (data.room) {
                    leave(socket, data.room);
                }

                data.room = `${text},0`;
                join(socket, data.room);
            } else {
                socket.close(1008, "neither group,channel nor :text");
            }
        },
        close(socket) {
            for (const topic of [socket.data.user, socket.data.room]) {
                if (topic) {
                    leave(socket, topic);
                }
            }
        },
    },
});
subscriber.on("message", (topic, text) => server.publish(topic, text));
