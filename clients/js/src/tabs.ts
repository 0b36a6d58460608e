import { isAwake, whenAwake } from './awake.js';
import { SocketClient, systemClock } from './client.js';
import { Emitter } from './emitter.js';
import { DirectError } from './error.js';
import { Hub } from './hub.js';
import { newId } from './ids.js';
import { toHub, type Ask, type Note } from './notes.js';
import { knownOf, nameOf, partsOf, reaches } from './rooms.js';
import type { Call } from './session.js';
import type { Client, ClientEvents, Options, Room, SayOptions, State } from './types.js';

/** Returns whether tabs can share a connection here: pages without TLS have no locks. */
export const canShare = () => !!globalThis.navigator?.locks && !!globalThis.BroadcastChannel;

/**
 * A client that shares one connection with the other tabs of its browser. The tab that holds a lock runs the connection, and when it ends,
 * the browser gives the lock to another tab. Tabs know where all topics stand, so that the next one can resume.
 */
export class TabClient extends Emitter<ClientEvents> implements Client {
  state: State = { state: 'connecting' };

  private readonly _tab = newId();
  private readonly _channel: BroadcastChannel;
  private readonly _rooms: Set<string>;
  private _positions: Record<string, string | null>;
  private readonly _asks = new Map<number, Ask & Call>();
  private readonly _ended = new AbortController();
  private _numbers = 0;
  private _isKnown = false;
  private _hub?: Hub;
  private _cancel?: () => void;

  constructor(name: string, url: string, private readonly _options: Options) {
    super();
    this._rooms = new Set([...(_options.rooms ?? [])].map(nameOf));
    this._positions = { ..._options.positions };
    this._channel = new BroadcastChannel(name);
    this._channel.onmessage = ({ data }) => this._receive(data);
    whenAwake(() => this._hello(), this._ended.signal);
    const { signal } = this._ended;
    const hold = (lock: string, begin: () => void) => navigator.locks.request(lock, { signal }, () => {
      begin();
      return new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()));
    }).catch(() => {});
    void hold(`${name} ${this._tab}`, () => {
      this._isKnown = true;
      this._hello();
    });
    void hold(name, () => {
      const client = new SocketClient(url, { ..._options, rooms: this._rooms, positions: this._positions as Record<string, string> });
      client.on('error', error => this._emit('error', error));
      this._hub = new Hub(name, client, signal, note => this._post(note));
    });
  }

  get rooms(): string[] {
    return [...this._rooms];
  }

  get positions(): Record<string, string> {
    return knownOf(Object.entries(this._positions).filter(([part]) => reaches(part, this.rooms)));
  }

  join(room: Room): Promise<void> {
    return this._ask('join', room);
  }

  leave(room: Room): Promise<void> {
    return this._ask('leave', room);
  }

  say(room: Room, text: string, { id = newId() }: SayOptions = {}): Promise<void> {
    return this._ask('say', room, text, id);
  }

  close(): void {
    this._shut({ state: 'closed', code: 1000, reason: '' });
  }

  private _ask(verb: Ask['verb'], given: Room, text = '', id?: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const room = nameOf(given);
      if (this.state.state === 'closed') {
        throw new DirectError('closed', 'the client was closed', room, id);
      }

      if (verb === 'leave' && !this._rooms.delete(room)) {
        throw new DirectError(4504, 'the room is not joined', room);
      }

      const limit = this._options.maxQueued ?? 256;
      if (verb === 'say' && this._asks.size >= limit) {
        throw new DirectError('queue_full', `${limit} messages wait already`, room, id);
      }

      if (verb === 'join') {
        this._rooms.add(room);
      }

      const ask: Ask = { number: ++this._numbers, verb, room, text, id };
      this._asks.set(ask.number, { ...ask, resolve, reject });
      if (this._isKnown) {
        this._post({ to: toHub, from: this._tab, asks: [ask] });
        this._mark();
      }
    });
  }

  // The hub may say it from now on, and may end before it answers.
  private _mark(): void {
    if (this.state.state === 'open') {
      this._asks.forEach(ask => {
        ask.sentAt ??= Date.now();
        ask.sentAs ??= this.state.user;
      });
    }
  }

  private _hello(): void {
    const asks = [...this._asks.values()].map(({ resolve, reject, ...ask }) => ask);
    this._post({ to: toHub, from: this._tab, rooms: this.rooms, asks });
  }

  // A channel does not deliver to the tab itself.
  private _post(note: Note): void {
    this._channel.postMessage(note);
    queueMicrotask(() => this._receive(note));
  }

  private _receive(note: Note): void {
    if (this.state.state === 'closed') {
      return;
    }

    if (note.to === toHub) {
      this._hub?._receive(note);
    } else if (!note.to || note.to === this._tab) {
      if (note.isHub && this._isKnown) {
        this._hello();
      }

      if (note.answer) {
        this._settle(note);
      }

      if (note.positions) {
        this._positions = note.positions;
      }

      if (note.event) {
        this._onEvent(note.event as keyof ClientEvents, note.data);
      }
    }
  }

  private _settle({ answer, error }: Note): void {
    const ask = this._asks.get(answer!);
    this._asks.delete(answer!);
    if (error) {
      if (ask?.verb === 'join') {
        this._rooms.delete(ask.room);
      }

      ask?.reject(new DirectError(error.code, error.text, ask.room, ask.id));
    } else if (ask) {
      ask.resolve();
      if (ask.verb === 'leave') {
        this._emit('left', { room: ask.room });
      }
    }
  }

  private _onEvent(event: keyof ClientEvents, data: any): void {
    const { part, position, room } = data;
    if (part && position) {
      this._positions[part] = position;
    }

    if (event === 'state') {
      if (data.state === 'closed') {
        return this._shut(data);
      }

      this.state = data;
      this._mark();
      if (data.state === 'waiting') {
        // The timers of a hidden tab are slow, and the hub may be in one.
        this._cancel?.();
        this._cancel = (this._options.clock ?? systemClock).after(data.delayMs + 1000, () => this.state === data && isAwake() && this._hello());
      }
    } else if (event === 'joined' || event === 'left' ? !this._rooms.has(room) : part && !reaches(part, this.rooms)) {
      return;
    }

    if (event === 'joined' && this.state.dialect === 'original') {
      ['0,0,0', ...partsOf(room)].forEach(received => { this._positions[received] ??= null; });
    } else if (event === 'left') {
      this._rooms.delete(room);
    }

    this._emit(event, data);
  }

  private _shut(state: State): void {
    if (this.state.state !== 'closed') {
      this.state = state;
      this._ended.abort();
      this._hub?._close();
      this._cancel?.();
      this._channel.close();
      this._asks.forEach(ask => ask.reject(new DirectError('closed', `the connection ended with ${state.code} ${state.reason}`, ask.room, ask.id)));
      this._asks.clear();
      this._emit('state', state);
    }
  }
}
