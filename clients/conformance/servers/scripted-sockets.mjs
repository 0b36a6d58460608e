// A gateway for direct.2 (docs/protocol2.md) that follows the protocol, except where a test says otherwise.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { once } from 'node:events';

const { WebSocketServer } = createRequire(new URL('../../../tests/Direct.Clients.Tests/package.json', import.meta.url))('ws');

/** What gateways of one cluster share: the ids of broadcasts. */
export class Broadcasts {
  #ids = new Set();
  /** The texts in the order in which they were delivered. */
  texts = [];

  /** Whether a broadcast is new. */
  take(id, text) {
    if (id !== undefined && this.#ids.has(id)) return false;
    if (id !== undefined) this.#ids.add(id);
    this.texts.push(text);
    return true;
  }
}

/**
 * Each connection takes the next of `rules`; when none is left, it is served as by a healthy gateway, with the limits of the defaults. A rule is an
 * object of functions that are given the connection, and may return true to say that nothing more is to be done:
 *   onOpen(connection)           after the 101
 *   onAuth(connection)           instead of the welcome and of what follows
 *   onJoin(connection, room, ref)
 *   onSay(connection, { room, id, ref, text })
 *   selectsNothing               true: no sub-protocol is selected, and the original dialect is spoken
 *   neverAnswers                 true: the request for the upgrade gets no answer
 *   user                         the user that the welcome names, 42 by default
 *   pingSeconds                  the interval that the welcome names, 30 by default
 *   firstLines                   how many lines the first message may have, 404 by default: 4 for each of 100 rooms, and 4
 */
export class ScriptedSockets {
  connections = [];
  /** When each attempt to connect came, and what was answered. */
  attempts = [];
  /** How many of the next attempts are answered 503. */
  refusals = 0;
  #sockets = new Set();

  constructor(rules = [], broadcasts = new Broadcasts()) {
    this.rules = rules;
    this.broadcasts = broadcasts;
  }

  async listen(port = 0) {
    this.#server = createServer((_, response) => response.writeHead(426).end());
    this.#server.on('connection', socket => {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => { /* the client has reset it */ });
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
    this.url = `ws://127.0.0.1:${this.port}/!direct`;
    return this;
  }

  /** Ends all connections without a close frame, and listens no more. */
  close() {
    this.#server.close();
    this.#sockets.forEach(socket => socket.destroy());
  }

  /** The latest connection. */
  get last() {
    return this.connections.at(-1);
  }

  /** Waits until so many connections were opened. */
  async opened(count, timeoutMs = 10_000) {
    const end = performance.now() + timeoutMs;
    while (this.connections.filter(connection => connection.isWelcome).length < count) {
      if (performance.now() > end) {
        throw new Error(`${count} connections expected within ${timeoutMs / 1000} s, got ${this.connections.length}: ${JSON.stringify(this.connections.map(c => c.received))}`);
      }
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    return this.connections.filter(connection => connection.isWelcome)[count - 1];
  }

  #server;

  #upgrade(request, socket, head) {
    const isRefused = this.refusals > 0;
    this.attempts.push({ at: performance.now(), isRefused, protocols: request.headers['sec-websocket-protocol'] });
    if (isRefused) {
      this.refusals--;
      socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }

    const rule = this.rules.shift() ?? {};
    if (rule.neverAnswers) return;
    const upgrader = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      handleProtocols: offered => !rule.selectsNothing && offered.has('direct.2') ? 'direct.2' : false,
    });
    upgrader.handleUpgrade(request, socket, head, webSocket => {
      const connection = new Connection(this, webSocket, socket, rule);
      this.connections.push(connection);
      rule.onOpen?.(connection);
    });
  }
}

/** One connection of a client. */
export class Connection {
  /** The messages of the client. */
  received = [];
  rooms = new Set();
  isWelcome = false;
  /** The last positions that the client named, by topic. */
  since = {};
  #named = {}; // those of this message: a gateway forgets them at its end
  #topics = new Set();
  #pace = { lines: new Pace(50, 100), joins: new Pace(10, 20) };
  #server;
  #rule;

  constructor(server, webSocket, socket, rule) {
    [this.#server, this.webSocket, this.socket, this.#rule] = [server, webSocket, socket, rule];
    this.protocol = webSocket.protocol;
    webSocket.on('message', data => this.#receive(`${data}`));
    webSocket.on('close', (code, reason) => { this.closed = { code, reason: `${reason}` }; });
    webSocket.on('error', () => { /* seen as the end */ });
  }

  get user() {
    return this.#rule.user ?? 42;
  }

  /** All lines of the client up to now. */
  get lines() {
    return this.received.flatMap(message => message.split('\n'));
  }

  send(text) {
    this.webSocket.send(text);
  }

  /** Sends a message of a topic. */
  deliver(part, text, position = '0') {
    this.send(this.protocol === 'direct.2' ? `${part} ${position}\n${text}` : text);
  }

  close(code, reason = '') {
    this.webSocket.close(code, reason);
  }

  /** Ends TCP without a close frame. */
  drop() {
    this.socket.resetAndDestroy();
  }

  /** Answers nothing from now on, not even pings, and keeps TCP open. */
  freeze() {
    this.isFrozen = true;
    this.socket.removeAllListeners('data');
    this.socket.pause();
  }

  /** Sends messages of a topic in packets of so many bytes. */
  async deliverInPackets(part, texts, size) {
    const bytes = Buffer.concat(texts.map(text => frame(`${part} 0\n${text}`)));
    for (let start = 0; start < bytes.length; start += size) {
      this.socket.write(bytes.subarray(start, start + size));
      await new Promise(resolve => setTimeout(resolve, 1));
    }
  }

  /** Sends a message of a topic in fragments, with a ping between them. */
  deliverInFragments(part, text, size) {
    const bytes = Buffer.from(`${part} 0\n${text}`);
    for (let start = 0; start < bytes.length; start += size) {
      this.webSocket.send(bytes.subarray(start, start + size), { binary: false, fin: start + size >= bytes.length });
      if (start === 0) this.webSocket.ping();
    }
  }

  welcome() {
    this.isWelcome = true;
    this.send(`welcome ${this.user} ${this.#server.connections.indexOf(this) + 1} ${this.#rule.pingSeconds ?? 30}`);
  }

  /** Reports each topic that is new to the connection: a gap if the client has named a position, then where it stands. */
  stand(parts) {
    for (const part of parts.filter(part => !this.#topics.has(part))) {
      this.#topics.add(part);
      if (part in this.#named) this.send(`gap ${part} 0`);
      this.send(`at ${part} 0`);
    }
  }

  join(room, ref) {
    this.rooms.add(room);
    this.stand(topicsOf(room));
    this.send(`joined ${room}${suffix(ref)}`);
  }

  #receive(message) {
    if (this.isFrozen) return;
    this.received.push(message);
    if (this.protocol !== 'direct.2') {
      this.#runOriginal(message);
      return;
    }

    const isFirst = this.received.length === 1;
    if (!this.#isAllowed(message, isFirst)) return;
    this.#named = {};
    for (let rest = message; rest !== undefined;) {
      const end = rest.indexOf('\n');
      const line = end < 0 ? rest : rest.slice(0, end);
      rest = end < 0 ? undefined : rest.slice(end + 1);
      if (line.startsWith('say ')) {
        this.#say(line, rest ?? '');
        rest = undefined;
      } else if (this.#run(line)) {
        return;
      }
    }
    if (isFirst && this.isWelcome) this.stand(['0,0,0', `0,0,${this.user}`]);
  }

  // One room, and no answers.
  #runOriginal(message) {
    if (this.token === undefined) {
      this.token = message;
      this.isWelcome = true;
    } else if (message.startsWith(':')) {
      this.rooms.forEach(room => this.accept({ room, text: message.slice(1) }));
    } else {
      this.rooms = new Set([message]);
    }
  }

  // Closes the connection if a limit is exceeded.
  #isAllowed(message, isFirst) {
    const end = message.startsWith('say ') ? 0 : message.indexOf('\nsay ') + 1 || message.length; // what follows is text
    const lines = message.slice(0, end || message.length);
    const count = end === 0 ? 1 : lines.trimEnd().split('\n').length;
    const joins = lines.split('\n').filter(line => /^(join|auth) /.test(line)).length;
    if (isFirst ? count > (this.#rule.firstLines ?? 404) : !this.#pace.lines.take(count) || !this.#pace.joins.take(joins)) {
      this.close(4007, 'message rate');
      return false;
    }
    if (Buffer.byteLength(message) > (isFirst ? 65_536 : 4096)) {
      this.close(1009);
      return false;
    }
    return true;
  }

  // Returns whether nothing more is to be done with the message.
  #run(line) {
    const [verb, first, second] = line.split(' ');
    if (verb === 'auth') {
      this.token = line.slice('auth '.length);
      if (this.#rule.onAuth?.(this)) return true;
      this.welcome();
    } else if (verb === 'since') {
      this.since[first] = this.#named[first] = second;
    } else if (verb === 'join') {
      if (!this.#rule.onJoin?.(this, first, second)) this.join(first, second);
    } else if (verb === 'leave') {
      if (this.rooms.delete(first)) this.send(`left ${first}${suffix(second)}`);
      else this.send(`error ${second ?? '-'} 4504 leave ${first} the room is not joined`);
    }
    return false;
  }

  #say(line, text) {
    const [, room, ...options] = line.split(' ');
    const id = options.find(option => option.startsWith('id='))?.slice(3);
    const ref = options.find(option => option.startsWith('#'));
    if (this.#rule.onSay?.(this, { room, id, ref, text })) return;
    if (!this.rooms.has(room)) {
      this.send(`error ${ref ?? '-'} 4504 say ${room} the room is not joined`);
      return;
    }
    this.accept({ room, id, ref, text });
  }

  /** Delivers a broadcast, unless it is a repeat, and confirms it. */
  accept({ room, id, ref, text }, { confirms = true } = {}) {
    if (this.#server.broadcasts.take(id && `${this.user} ${id}`, text)) {
      this.#server.connections.filter(other => other.rooms.has(room)).forEach(other => other.deliver(`${room},0`, text));
    }
    if (ref && confirms) this.send(`ok ${ref}`);
  }
}

/** A limit: a burst at once, then so many a second. */
class Pace {
  #perSecond;
  #burst;
  #available;
  #at = performance.now();

  constructor(perSecond, burst) {
    [this.#perSecond, this.#burst, this.#available] = [perSecond, burst, burst];
  }

  take(count) {
    const now = performance.now();
    this.#available = Math.min(this.#burst, this.#available + ((now - this.#at) / 1000) * this.#perSecond) - count;
    this.#at = now;
    return this.#available >= 0;
  }
}

const suffix = ref => ref ? ` ${ref}` : '';

export function topicsOf(room) {
  const [group, channel] = room.split(',');
  return [group !== '0' && `${group},0,0`, channel !== '0' && `0,${channel},0`, group !== '0' && channel !== '0' && `${room},0`].filter(Boolean);
}

// A text frame of a server: not masked.
function frame(text) {
  const payload = Buffer.from(text);
  const length = payload.length;
  const head = length < 126 ? Buffer.from([0x81, length])
    : length < 65_536 ? Buffer.from([0x81, 126, length >> 8, length & 255])
      : Buffer.concat([Buffer.from([0x81, 127, 0, 0, 0, 0]), Buffer.from(new Uint32Array([length]).buffer).swap32()]);
  return Buffer.concat([head, payload]);
}
