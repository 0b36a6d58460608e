import { Scene } from './gateway.mjs';
import { settle } from './clock.mjs';

/** Web Locks of one browser: exclusive ones, granted in the order of the requests. */
class FakeLocks {
  #queues = new Map();

  request(name, { signal } = {}, callback) {
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(name) ?? [];
      this.#queues.set(name, queue);
      const request = { callback, resolve };
      signal?.addEventListener('abort', () => {
        if (queue.includes(request) && queue[0] !== request) {
          queue.splice(queue.indexOf(request), 1);
          reject(new DOMException('aborted', 'AbortError'));
        }
      });
      queue.push(request);
      if (queue.length === 1) this.#grant(queue);
    });
  }

  #grant(queue) {
    queueMicrotask(async () => {
      const [request] = queue;
      request.resolve(await request.callback());
      queue.shift();
      if (queue.length) this.#grant(queue);
    });
  }
}

/** Installs what tabs of one browser share. Returns a function that removes it. */
export function installBrowser() {
  const channels = new Map();
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const nodes = globalThis.BroadcastChannel;
  Object.defineProperty(globalThis, 'navigator', { value: { locks: new FakeLocks() }, configurable: true });
  globalThis.BroadcastChannel = class {
    onmessage = null;

    constructor(name) {
      this.members = channels.get(name) ?? new Set();
      channels.set(name, this.members.add(this));
    }

    postMessage(message) {
      if (!this.members.has(this)) throw new DOMException('closed', 'InvalidStateError');
      const data = structuredClone(message);
      for (const member of this.members) {
        if (member !== this) queueMicrotask(() => this.members.has(member) && member.onmessage?.({ data }));
      }
    }

    close() {
      this.members.delete(this);
    }
  };
  return () => {
    globalThis.BroadcastChannel = nodes;
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else delete globalThis.navigator;
  };
}

/** Opens a tab. */
export async function openTab(options = {}) {
  const tab = new Scene({ shared: true, ...options });
  await settle();
  return tab;
}

/** Opens tabs, the first of which is connected. */
export async function openTabs(...options) {
  const tabs = [];
  for (const each of options) tabs.push(await openTab(each));
  await tabs[0].socket.accept();
  await tabs[0].socket.welcome();
  return tabs;
}
