// Lets everything run that waits for nothing but earlier promises.
export const settle = () => new Promise(resolve => setImmediate(resolve));

/** A clock that stands still until the test moves it. */
export class FakeClock {
  #now = 1_000_000;
  #timers = [];

  now() {
    return this.#now;
  }

  after(ms, handler) {
    const timer = { at: this.#now + ms, handler };
    this.#timers.push(timer);
    return () => { this.#timers = this.#timers.filter(other => other !== timer); };
  }

  /** How many timers wait. */
  get waiting() {
    return this.#timers.length;
  }

  /** Moves the time, and calls what is due on the way, in order. */
  async advance(ms) {
    await settle();
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter(timer => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter(timer => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.handler();
      await settle();
    }
    this.#now = end;
    await settle();
  }
}
