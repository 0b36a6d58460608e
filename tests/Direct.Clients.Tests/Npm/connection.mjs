// What the scenarios share: one connection of npm `ws` whose messages and end can be awaited, every wait with a limit.
import { once } from 'node:events';
import WebSocket from 'ws';

const limitMs = 15_000;

/** Opens a connection and sends its token; `token: null` sends none. */
export async function connect(url, { token = 'token', ...options } = {}) {
  const socket = new WebSocket(url, options);
  const connection = new Connection(socket);
  await within(`open ${url}`, once(socket, 'open'));
  if (token !== null) {
    socket.send(token);
  }

  return connection;
}

/** Fails with a sentence when `promise` takes too long. */
export async function within(phase, promise, actual = () => '') {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${phase}: nothing within ${limitMs} ms ${actual()}`)), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

class Connection {
  /** Every message so far, in order: `{ text, isBinary }`. */
  messages = [];
  /** How it ended: `{ code, reason }`; null while it is open. */
  end = null;
  #read = 0;
  #wake = () => {};

  constructor(socket) {
    this.socket = socket;
    socket.on('message', (bytes, isBinary) => {
      this.messages.push({ text: bytes.toString('utf8'), isBinary });
      this.#wake();
    });
    socket.on('close', (code, reason) => {
      this.end = { code, reason: reason.toString('utf8') };
      this.#wake();
    });
  }

  send(...parameters) {
    this.socket.send(...parameters);
  }

  /** Joins and returns once the join is in force: the connection's own broadcast has come back. */
  async join(room) {
    const marker = `joined ${room} ${Math.random()}`;
    this.send(room);
    this.send(`:${marker}`);
    await this.until(marker);
  }

  /** The next message, whatever it is. */
  async next() {
    await this.#when('a message', () => this.messages.length > this.#read);
    return this.messages[this.#read++];
  }

  /** Reads on until `text` comes. */
  async until(text) {
    for (;;) {
      const message = await this.next();
      if (message.text === text) {
        return message;
      }
    }
  }

  /** Waits for the end. */
  async closed() {
    await this.#when('the end', () => this.end !== null);
    return this.end;
  }

  async #when(what, condition) {
    const met = new Promise((resolve, reject) => {
      this.#wake = () => {
        if (condition()) {
          resolve();
        } else if (this.end) {
          reject(new Error(`waited for ${what}, ended with ${JSON.stringify(this.end)}`));
        }
      };
    });
    this.#wake();
    await within(`wait for ${what}`, met, () => `after ${JSON.stringify(this.messages)}`);
  }
}
