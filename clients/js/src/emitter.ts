/** Calls the handlers of events in the order in which they were added. */
export class Emitter<Events extends object> {
  private readonly _handlers: { [K in keyof Events]?: Set<(event: Events[K]) => void> } = {};

  on<K extends keyof Events>(name: K, handler: (event: Events[K]) => void): () => void {
    const handlers = (this._handlers[name] ??= new Set());
    handlers.add(handler);
    return () => void handlers.delete(handler);
  }

  /** @internal */
  _emit<K extends keyof Events>(name: K, event: Events[K]): void {
    for (const handler of [...(this._handlers[name] ?? [])]) {
      try {
        handler(event);
      } catch (error) {
        // An error of the application is reported as one, and does not keep the message from the other handlers.
        queueMicrotask(() => { throw error; });
      }
    }
  }
}
