// A real cluster on this machine (deploy/local/up): one silo and two gateways, without a balancer.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const scripts = fileURLToPath(new URL('../../../deploy/local/', import.meta.url));

// All connections of this machine are one user: repeats of broadcasts are recognised by user. The lease is short, because what waits for a killed
// gateway waits until its lease ends.
const settings = [
  'sessions=none', 'Direct:Signals:AllowedNetworks:0=127.0.0.0/8', 'Direct:Connections:Direct2=true',
  'Direct:Cluster:FenceAfter=00:00:04', 'Direct:Cluster:RenewInterval=00:00:01', 'Direct:Drain:ReadyDelay=00:00:00.5',
];
const environment = { Direct__Registry__LeaseDuration: '00:00:06' };

export class LocalCluster {
  static async start() {
    const cluster = new LocalCluster();
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => cluster.stop().finally(() => process.exit(1)));
    cluster.#folder = await mkdtemp(join(tmpdir(), 'direct-conformance-'));
    try {
      cluster.ports = await freePorts(2);
      await cluster.#script('up', '--silos', '1', '--gateways', '2', '--port', `${cluster.ports[0]}`, '--balancer', '0', ...settings);
      cluster.entry = await Entry.listen(cluster.ports);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  #folder;

  /** The HTTP addresses of both gateways. */
  get urls() {
    return this.ports.map(port => `http://127.0.0.1:${port}`);
  }

  /** Ends the first gateway at once, as a crash does, and starts it again. */
  async crash() {
    const { gateways } = JSON.parse(await this.#script('status', '--json'));
    process.kill(gateways.find(gateway => gateway.port === this.ports[0]).pid, 'SIGKILL');
    await this.drain();
  }

  /** Stops the first gateway in an orderly way, unless it has ended, and starts it again. */
  drain() {
    return this.#script('restart', 'gateway', `${this.ports[0]}`);
  }

  async stop() {
    this.entry?.close();
    await this.#script('down').catch(() => { /* it had not started */ });
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #script(name, ...parameters) {
    const { stdout } = await run(join(scripts, name), parameters, { env: { ...process.env, ...environment, DIRECT_LOCAL_DIR: this.#folder } });
    return stdout;
  }
}

/** What a load balancer does, except that it prefers the first gateway, which is the one that ends: new connections go to the next one while it is away. */
class Entry {
  static async listen(ports) {
    const entry = new Entry();
    entry.#server = createServer(client => forward(client, ports));
    entry.#server.listen(0, '127.0.0.1');
    await once(entry.#server, 'listening');
    entry.url = `ws://127.0.0.1:${entry.#server.address().port}/!direct`;
    return entry;
  }

  #server;

  close() {
    this.#server.close();
  }
}

function forward(client, [port, ...others]) {
  const gateway = connect(port, '127.0.0.1');
  let isConnected = false;
  gateway.on('connect', () => {
    isConnected = true;
    client.pipe(gateway).pipe(client);
  });
  gateway.on('error', () => {
    if (!isConnected && others.length > 0) forward(client, others);
    else client.destroy();
  });
  gateway.on('close', () => isConnected && client.destroy());
  client.on('error', () => gateway.destroy());
  client.on('close', () => gateway.destroy());
}

async function freePorts(count) {
  for (let first = 20_000 + Math.floor(Math.random() * 8000); ; first += count) {
    const servers = [];
    try {
      for (let port = first; port < first + count; port++) {
        const server = createServer().listen(port, '127.0.0.1');
        servers.push(server);
        await once(server, 'listening');
      }
      return Array.from({ length: count }, (_, i) => first + i);
    } catch {
      // one of them is taken
    } finally {
      servers.forEach(server => server.close());
    }
  }
}
