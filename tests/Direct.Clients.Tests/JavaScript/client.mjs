// What the scenarios share: a client of clients/js with npm's ws, whose events can be awaited, every wait with a limit.
import WebSocket from 'ws';
import { connect } from '../../../clients/js/dist/client.js';

const limitMs = 30_000;
const names = ['message', 'gap', 'at', 'state', 'joined', 'left', 'error'];

export class ClientUnderTest {
  /** Every event so far, in order: `{ name, ...fields }`. */
  events = [];
  #read = 0;
  #wake = () => {};

  constructor(url, options = {}) {
    this.client = connect(url, { WebSocket, backoff: { minMs: 100, maxMs: 1_000 }, ...options });
    for (const name of names) {
      this.client.on(name, event => {
        this.events.push({ name, ...event });
        this.#wake();
      });
    }
  }

  of(name) {
    return this.events.filter(event => event.name === name);
  }

  /** Waits for an event that was not awaited yet, and for which the condition is true. Those before it count as awaited. */
  async until(name, condition = () => true) {
    const deadline = Date.now() + limitMs;
    for (;;) {
      while (this.#read < this.events.length) {
        const event = this.events[this.#read++];
        if (event.name === name && condition(event)) return event;
      }
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`waited for ${name} ${condition}: ${limitMs} ms, and this came: ${JSON.stringify(this.events)}`);
      let timer;
      await new Promise(resolve => {
        this.#wake = resolve;
        timer = setTimeout(resolve, left);
      });
      clearTimeout(timer);
    }
  }

  state(state) {
    return this.until('state', event => event.state === state);
  }

  message(text) {
    return this.until('message', event => event.text === text);
  }
}

/** Tells the test on the other side that something has happened. */
export const tell = text => console.log(text);

/** How a promise has failed. */
export const failure = promise => promise.then(() => { throw new Error('it did not fail'); }, error => error);
