// One driver: a program that carries out commands with a client. Both directions are JSON objects, one a line.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Driver {
  #process;
  #events = [];
  #waiting = [];
  #errors = '';

  constructor([program, ...parameters]) {
    this.#process = spawn(program, parameters, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, no_proxy: '127.0.0.1' } });
    this.#process.stderr.on('data', data => { this.#errors = (this.#errors + data).slice(-4000); });
    createInterface(this.#process.stdout).on('line', line => {
      this.#events.push(JSON.parse(line));
      this.#wake();
    });
    this.#process.on('error', error => this.#end(error.message));
    this.#process.on('close', code => this.#end(`it exited with ${code}`));
    this.#process.stdin.on('error', () => { /* it has exited, which is reported */ });
  }

  send(command) {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
  }

  /** Waits for the next event that matches, takes the events before it away, and returns it. */
  async next(matches = () => true, what = 'an event', timeoutMs = 10_000) {
    const end = performance.now() + timeoutMs;
    const seen = [];
    for (;;) {
      while (this.#events.length > 0) {
        const event = this.#events.shift();
        if (matches(event)) return event;
        seen.push(event);
      }
      if (this.ended) throw new Error(`the driver has ended: ${this.ended}\n${this.#errors}`);
      const left = end - performance.now();
      if (left <= 0) throw new Error(`${what} expected within ${timeoutMs / 1000} s, got ${JSON.stringify(seen)}${this.#errors && `\n${this.#errors}`}`);
      await new Promise(resolve => {
        const timer = setTimeout(resolve, left);
        this.#waiting.push(() => { clearTimeout(timer); resolve(); });
      });
    }
  }

  /** Takes all events that have arrived. */
  drain() {
    return this.#events.splice(0);
  }

  close() {
    this.#process.stdin.end();
    setTimeout(() => this.#process.kill('SIGKILL'), 2000).unref();
  }

  #end(reason) {
    this.ended ??= reason;
    this.#wake();
  }

  #wake() {
    this.#waiting.splice(0).forEach(wake => wake());
  }
}
