// What a scenario works with: servers of its own, and the client under test.
import { ScriptedGateway } from '../servers/scripted-gateway.mjs';
import { ScriptedSockets } from '../servers/scripted-sockets.mjs';

export function backendWorld(driver) {
  const gateways = [];
  return {
    /** Starts a gateway that behaves as these steps say. */
    async gateway(...steps) {
      const gateway = await new ScriptedGateway(steps).listen();
      gateways.push(gateway);
      return gateway;
    },

    /** Creates a client. Its `call` sends a command, and returns the event that answers it. */
    async client({ gateways: urls, key = 'the-key-of-a-test-run', totalSeconds = 20, timeoutSeconds = Math.min(5, totalSeconds) }) {
      driver.send({ do: 'new', gateways: urls, key, timeoutSeconds, totalSeconds });
      await driver.next(event => event.event === 'ready', 'ready');
      return {
        call(command) {
          driver.send(command);
          return driver.next(undefined, `the end of ${command.do}`, 25_000);
        },
      };
    },

    close() {
      gateways.forEach(gateway => gateway.close());
    },
  };
}

export function socketWorld(driver) {
  const servers = [];
  return {
    /** Starts a gateway whose connections follow these rules. */
    async sockets(...rules) {
      const server = await new ScriptedSockets(rules).listen();
      servers.push(server);
      return server;
    },

    /** Creates a client and lets it connect. A list of tokens is given one after the other. Waits between attempts are short unless a scenario says otherwise. */
    async client({ url, token = 'a-token', rooms = [], minMs = 20, maxMs = 100, connectTimeoutMs = 5000, keepAliveMs = 30_000 }) {
      driver.send({ do: 'connect', url, tokens: [token].flat(), rooms, minMs, maxMs, connectTimeoutMs, keepAliveMs });
      await driver.next(event => event.event === 'ready', 'ready'); // what is left of the client before
      const next = (name, matches = () => true, timeoutMs) => driver.next(event => (name === undefined || event.event === name) && matches(event), name, timeoutMs);
      return {
        next,
        send: command => driver.send(command),
        drain: () => driver.drain(),
        /** Waits for a state of the connection. */
        state: name => next('state', ({ state }) => state === name),
        /** Waits until rooms are live, in any order. */
        async joined(...names) {
          for (const left = new Set(names); left.size > 0;) left.delete((await next('joined', ({ room }) => left.has(room))).room);
        },
        /** Waits for the result of a command: `code` is undefined if it succeeded. */
        result: ref => next('result', event => event.ref === ref),
      };
    },

    close() {
      servers.forEach(server => server.close());
      if (!driver.ended) driver.send({ do: 'close' });
    },
  };
}
