import assert from 'node:assert/strict';
import { connect } from '../../dist/client.js';
import { FakeClock, settle } from './clock.mjs';

/** The gateway's end of a WebSocket, and the socket that the client sees. */
class FakeSocket {
  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;
  sent = [];
  state = 'connecting';
  closedByClient = false;
  #listeners = {};

  constructor(url, protocol) {
    this.url = url;
    this.protocol = protocol;
  }

  // What the client calls.
  send(text) {
    assert.equal(this.state, 'open', `sent on a socket that is ${this.state}: ${text}`);
    this.sent.push(text);
  }

  close() {
    if (this.state !== 'closed') {
      this.closedByClient = true;
      this.state = 'closed';
    }
  }

  on(name, handler) {
    this.#listeners[name] = handler;
  }

  // What the test calls.
  async accept() {
    assert.equal(this.state, 'connecting');
    this.state = 'open';
    this.onopen?.({});
    await settle();
  }

  /** Nobody answers; or the gateway selects no sub-protocol, which is the same for a browser. */
  async refuse() {
    assert.equal(this.state, 'connecting');
    await this.end(1006);
  }

  async end(code, reason = '') {
    this.state = 'closed';
    this.onclose?.({ code, reason });
    await settle();
  }

  async receive(...frames) {
    frames.forEach(data => this.onmessage?.({ data }));
    await settle();
  }

  async ping() {
    this.#listeners.ping?.();
    await settle();
  }

  /** Answers as a gateway of direct.2: the welcome, and for each join of the first message its positions. */
  async welcome(user = '42', position = 'p0') {
    const rooms = this.joins();
    await this.receive(`welcome ${user} 1 30`);
    for (const [room, ref] of rooms) {
      await this.joined(room, ref, position);
    }
    await this.receive(`at 0,0,0 ${position}`, `at 0,0,${user} ${position}`);
  }

  async joined(room, ref, position = 'p0') {
    const [group, channel] = room.split(',');
    await this.receive(`at ${group},0,0 ${position}`, `at 0,${channel},0 ${position}`, `at ${room},0 ${position}`, `joined ${room} #${ref}`);
  }

  /** The rooms and refs of the joins in the messages up to now. */
  joins() {
    return this.lines().filter(line => line.startsWith('join ')).map(line => [line.split(' ')[1], line.split('#')[1]]);
  }

  lines() {
    return this.sent.flatMap(frame => frame.split('\n'));
  }

  /** The text of what was said, with its id and ref. */
  said() {
    return this.sent.filter(frame => frame.startsWith('say ')).map(frame => {
      const [, room, id, ref, text] = /^say (\S+) id=(\S+) #(\S+)\n([^]*)$/.exec(frame);
      return { room, id, ref, text };
    });
  }
}

/** A client under test, with its clock, its sockets and its events. */
export class Scene {
  clock = new FakeClock();
  sockets = [];
  events = [];
  random = 1;

  constructor(options = {}) {
    const scene = this;
    const { url = 'ws://gateway/!direct', ...rest } = options;
    this.client = connect(url, {
      clock: this.clock,
      random: () => this.random,
      WebSocket: class extends FakeSocket {
        constructor(url, protocol) {
          super(url, protocol);
          scene.sockets.push(this);
        }
      },
      ...rest,
    });
    for (const name of ['message', 'gap', 'at', 'state', 'joined', 'left', 'error']) {
      this.client.on(name, event => this.events.push([name, event]));
    }
  }

  /** A client that is connected and in its rooms. */
  static async open(options = {}) {
    const scene = new Scene(options);
    await settle();
    await scene.socket.accept();
    await scene.socket.welcome();
    return scene;
  }

  /** The latest socket that is in use. */
  get socket() {
    return this.sockets.findLast(({ state }) => state !== 'closed') ?? this.sockets.at(-1);
  }

  /** The events of one name, from the beginning. */
  of(name) {
    return this.events.filter(([other]) => other === name).map(([, event]) => event);
  }

  get delays() {
    return this.of('state').filter(({ state }) => state === 'waiting').map(({ delayMs }) => delayMs);
  }

  /** Lets the wait pass, and returns the next socket. */
  async again() {
    const before = this.sockets.length;
    await this.clock.advance(this.delays.at(-1) ?? 0);
    assert.ok(this.sockets.length > before, 'the client does not connect again');
    return this.socket;
  }
}

/** Watches a promise from now on: `now` is 'pending', 'resolved', or its error. */
export function watch(promise) {
  const watched = { now: 'pending' };
  promise.then(() => { watched.now = 'resolved'; }, error => { watched.now = error; });
  return watched;
}

/** How a promise has ended, if it has. */
export async function outcome(promise) {
  const watched = watch(promise);
  await settle();
  return watched.now;
}
