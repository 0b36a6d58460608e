import type { SocketClient } from './client.js';
import type { Ask, Note } from './notes.js';

interface Tab {
  readonly _rooms: Set<string>;
  _lastAsk: number;
}

/** Lets all tabs use one connection, in the tab that holds the lock. */
export class Hub {
  private readonly _tabs = new Map<string, Tab>();
  private readonly _offs: (() => void)[];

  constructor(
    private readonly _name: string,
    private readonly _client: SocketClient,
    private readonly _ended: AbortSignal,
    private readonly _post: (note: Note) => void,
  ) {
    this._offs = (['message', 'gap', 'at', 'state', 'joined'] as const).map(event => _client.on(event, data => _post({ event, data })));
    this._offs.push(_client.on('left', data => {
      if (data.code) { // otherwise the tabs have left it by themselves
        this._tabs.forEach(tab => tab._rooms.delete(data.room));
        _post({ event: 'left', data });
      }

      _post({ positions: this._positions() });
    }));
    // The tabs answer with their rooms. That takes less time than to open a socket, so the first message can have all of them.
    _post({ isHub: true, event: 'state', data: _client.state });
  }

  _receive({ from, rooms, asks }: Note): void {
    if (rooms) {
      this._client._poke();
      this._hello(from!, rooms);
    }

    const tab = this._tabs.get(from!);
    for (const ask of asks!) {
      // A tab that has not said hello to this hub will, and repeats its calls then.
      if (tab && ask.number > tab._lastAsk) {
        tab._lastAsk = ask.number;
        void this._answer(from!, tab._rooms, ask);
      }
    }
  }

  _close(): void {
    this._offs.forEach(off => off());
    this._client.close();
  }

  private _positions(): Note['positions'] {
    return Object.fromEntries(this._client._positions);
  }

  private _hello(from: string, rooms: string[]): void {
    if (!this._tabs.has(from)) {
      this._tabs.set(from, { _rooms: new Set(rooms), _lastAsk: 0 });
      // The lock of a tab is free when the tab has ended, in whatever way.
      navigator.locks.request(`${this._name} ${from}`, { signal: this._ended }, () => {
        const { _rooms } = this._tabs.get(from)!;
        this._tabs.delete(from);
        _rooms.forEach(room => this._leave(room).catch(() => {})); // this hub may end meanwhile
      }).catch(() => {});
      this._post({ to: from, event: 'state', data: this._client.state });
      for (const room of rooms) {
        this._client._want(room, true);
        if (this._client._rooms.get(room)!._isLive) {
          this._post({ to: from, event: 'joined', data: { room } });
        }
      }
    }

    this._post({ to: from, positions: this._positions() });
  }

  private async _answer(from: string, rooms: Set<string>, { number, verb, room, text, id, sentAt, sentAs }: Ask): Promise<void> {
    try {
      if (verb === 'join') {
        rooms.add(room);
        await this._client.join(room);
      } else if (verb === 'leave') {
        rooms.delete(room);
        await this._leave(room);
      } else {
        await this._client._sayOnce(room, text, id, sentAt, sentAs);
      }

      this._post({ to: from, answer: number });
    } catch (error) {
      const { code, text } = error as NonNullable<Note['error']>;
      if (verb === 'join') {
        rooms.delete(room);
      }

      // When this hub ends, the next one is asked again.
      if (!this._ended.aborted) {
        this._post({ to: from, answer: number, error: { code, text } });
      }
    }
  }

  // Leaves a room that no tab needs any more.
  private async _leave(room: string): Promise<void> {
    if (![...this._tabs.values()].some(tab => tab._rooms.has(room)) && this._client.rooms.includes(room)) {
      await this._client.leave(room);
    }
  }
}
