import { once } from 'node:events';
import { createServer, connect } from 'node:net';

/** Stands between a client and a gateway. It can hold back what the gateway sends, and end all connections. */
export class Proxy {
  isHolding = false;
  #sockets = new Set();

  static async to(url) {
    const proxy = new Proxy();
    const { hostname, port, pathname } = new URL(url);
    const server = createServer(client => proxy.#pass(client, connect(Number(port), hostname)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy.url = `ws://127.0.0.1:${server.address().port}${pathname}`;
    return proxy;
  }

  #pass(client, gateway) {
    client.on('data', bytes => gateway.write(bytes));
    gateway.on('data', bytes => this.isHolding || client.write(bytes));
    for (const [one, other] of [[client, gateway], [gateway, client]]) {
      this.#sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  }

  cut() {
    this.#sockets.forEach(socket => socket.destroy());
    this.#sockets.clear();
    this.isHolding = false;
  }
}
