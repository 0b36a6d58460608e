import { whenAwake } from './awake.js';
import { Direct2 } from './direct2.js';
import { Emitter } from './emitter.js';
import { DirectError } from './error.js';
import { newId } from './ids.js';
import { Opener, type End, type Opened } from './opener.js';
import { Pacer } from './pacer.js';
import { bytesOf, knownOf, nameOf, reaches, roomOf } from './rooms.js';
import { Original } from './original.js';
import type { Call, Say, Session } from './session.js';
import type { Client, ClientEvents, Clock, Dialect, Options, Room, SayOptions, State, WebSocketConstructor } from './types.js';

/** A connection that lasted this long was a good one: the next wait is short again. */
const goodAfterMs = 10_000;

interface Membership {
  /** Whether it was joined before: then the client keeps trying. */
  _isEstablished: boolean;
  _isLive: boolean;
  _failures: number;
  readonly _waiting: Call[];
  /** Cancels the next attempt to join. */
  _cancel?: () => void;
}

export const systemClock: Clock = {
  now: Date.now,
  after: (ms, handler) => {
    const timer = setTimeout(handler, ms);
    return () => clearTimeout(timer);
  },
};

/** Returns whether the same attempt would end in the same way. */
const isFinal = (code: number) => /^(4[5-9]..|100[2789])$/.test(`${code}`);

/** A client with a connection of its own. */
export class SocketClient extends Emitter<ClientEvents> implements Client {
  state: State = { state: 'connecting' };

  // What follows is for the sessions and for `TabClient`, in the order: settings, what is wanted, the connection.
  /** @internal */
  readonly _clock: Clock;
  /** @internal */
  readonly _rooms = new Map<string, Membership>();
  /** Where topics stand; null for one that was received without positions. @internal */
  readonly _positions = new Map<string, string | null>();
  /** How many rooms the first message may have. @internal */
  _firstRooms: number;
  private readonly _says = new Map<string, Say>(); // by ref, in the order in which they are said
  private readonly _opener: Opener;
  private readonly _connectTimeoutMs: number;
  private _refs = 0;
  private _session?: Session;
  private _user?: string;
  private _isExpired = false; // the last token is not good any more
  private _isFresh = false; // this token was asked for because of that
  private _openedAt = Infinity;
  private _end?: (end: End) => void;
  private _resume?: () => void; // ends the wait for the next attempt
  private _wokenAt = -Infinity;
  private _heardAt = 0;
  private _cancel?: () => void; // of the timer of the present state
  private _probe = () => {};
  private readonly _ended = new AbortController();

  constructor(
    url: string,
    /** @internal */
    readonly _options: Options,
  ) {
    super();
    this._clock = _options.clock ?? systemClock;
    const constructor = _options.WebSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
    if (!constructor) {
      throw new TypeError("no WebSocket: give npm's ws");
    }

    this._connectTimeoutMs = _options.connectTimeoutMs ?? 10_000;
    this._opener = new Opener(url, constructor, this._clock, this._connectTimeoutMs, _options.dialect);
    this._firstRooms = _options.maxRooms ?? 100;
    Object.entries(_options.positions ?? {}).forEach(([part, position]) => this._positions.set(part, position));
    [...(_options.rooms ?? [])].forEach(room => this._want(nameOf(room), true));
    whenAwake(() => this._poke(), this._ended.signal);
    queueMicrotask(() => void this._run()); // the application adds its handlers first
  }

  get rooms(): string[] {
    return [...this._rooms.keys()];
  }

  get positions(): Record<string, string> {
    return knownOf([...this._positions]);
  }

  join(room: Room): Promise<void> {
    return this._call(call => this._want(nameOf(room), false, call));
  }

  leave(room: Room): Promise<void> {
    return this._call(call => {
      const name = nameOf(room);
      const membership = this._rooms.get(name);
      if (!membership) {
        throw new DirectError(4504, 'the room is not joined', name);
      }

      this._rooms.delete(name);
      membership._cancel?.();
      membership._waiting.forEach(waiting => waiting.reject(new DirectError(4504, 'the room is not joined', name)));
      const left: Call = {
        ...call,
        resolve: () => {
          call.resolve();
          this._emit('left', { room: name });
        },
      };
      if (this._session) {
        this._session._leave(name, left);
      } else {
        this._prune();
        left.resolve();
      }

      this._flush();
    });
  }

  say(room: Room, text: string, options: SayOptions = {}): Promise<void> {
    return this._sayOnce(room, text, options.id);
  }

  /** Says something that may have been sent before: when, and as which user. @internal */
  _sayOnce(room: Room, text: string, id = newId(), sentAt?: number, sentAs?: string): Promise<void> {
    return this._call(call => {
      const [name, limit] = [nameOf(room), this._options.maxQueued ?? 256];
      if (!/^[!-~]{1,64}$/.test(id)) {
        throw new TypeError(`the id is '${id}', expected 1 to 64 ASCII characters`);
      }

      if (this._says.size >= limit) {
        throw new DirectError(sentAt ? 'uncertain' : 'queue_full', `${limit} messages wait already`, name, id);
      }

      const say: Say = { ...call, ref: this._nextRef(), room: name, text, id, sentAt, sentAs };
      this._says.set(say.ref, say);
      this._flush();
    });
  }

  close(): void {
    this._shut({ code: 1000, reason: '' });
  }

  /** Joins a room, now and after each reconnect. An established one is not given up when a join fails. @internal */
  _want(name: string, isEstablished: boolean, call?: Call): void {
    const known = this._rooms.get(name);
    if (known?._isLive) {
      call?.resolve();
      return;
    }

    const membership = known ?? { _isEstablished: isEstablished, _isLive: false, _failures: 0, _waiting: [] };
    membership._isEstablished ||= isEstablished;
    if (call) {
      membership._waiting.push(call);
    }

    this._rooms.set(name, membership);
    if (!known || this._isOriginal) {
      this._session?._join(name);
    }
  }

  /** Ends a wait, at most once a second and not in all clients at the same time, or probes the connection. @internal */
  _poke(): void {
    const now = this._clock.now();
    if (this.state.state === 'waiting' && now - this._wokenAt >= 1000) {
      this._wokenAt = now;
      this._wait(1000 * this._random(), this._resume!);
    }

    this._probe();
  }

  /** @internal */
  _nextRef(): string {
    return `${this._refs++}`;
  }

  /** @internal */
  _pacer(send: (text: string) => void): Pacer {
    return new Pacer(this._clock, send, this._options.linesPerSecond ?? 40);
  }

  /**
   * Returns whether something may be sent, and rejects it otherwise: it is too long, or was sent before and might be delivered twice, because its id
   * is not known any more. @internal
   */
  _maySay(say: Say, isIdKnown: boolean, message: string, limit: number): boolean {
    const bytes = bytesOf(message);
    limit = this._options.maxMessageBytes ?? limit;
    let error: DirectError | undefined;
    if (say.sentAt !== undefined && !(isIdKnown && this._clock.now() - say.sentAt <= (this._options.repeatForMs ?? 240_000))) {
      error = new DirectError('uncertain', 'a repeat may be a duplicate');
    } else if (bytes > limit) {
      error = new DirectError(1009, `the message has ${bytes} bytes, expected at most ${limit}`);
    }

    if (error) {
      this._onSaid(say.ref, error);
    }

    return !error;
  }

  // Says what waits, except in rooms that will be live later.
  private _flush(): void {
    const session = this._session;
    if (session && this.state.state === 'open') {
      [...this._says.values()].filter(({ _session, room }) => _session !== session && (this._isOriginal || this._rooms.get(room)?._isLive !== false)).forEach(say => {
        say._session = session;
        say._isRepeat = !!say.sentAt;
        session._say(say);
      });
    }
  }

  private get _isOriginal(): boolean {
    return this.state.dialect === 'original';
  }

  private _random(): number {
    return (this._options.random ?? Math.random)();
  }

  private _wait(ms: number, then: () => void): void {
    this._cancel?.();
    this._cancel = this._clock.after(ms, then);
  }

  /** Records topics that are received without positions. Returns those that were received before. @internal */
  _received(parts: string[]): string[] {
    const before = parts.filter(part => this._positions.has(part));
    parts.filter(part => !this._positions.has(part)).forEach(part => this._positions.set(part, null));
    return before;
  }

  /** Forgets the positions of topics that no room needs any more, and returns their names. @internal */
  _prune(): string[] {
    return this._forget(part => !reaches(part, this.rooms));
  }

  private _forget(isGone: (part: string) => boolean): string[] {
    const gone = [...this._positions.keys()].filter(isGone);
    gone.forEach(part => this._positions.delete(part));
    return gone;
  }

  /**
   * Learns whose token it was. Returns false, and ends the connection, if the user has become anonymous and a fresh token can be had: the session
   * has ended while there was no connection. @internal
   */
  _accepts(user: string): boolean {
    if (user < '0' && this._user! >= '0' && typeof this._options.token === 'function' && !this._isFresh) {
      this._end!({ code: 4009, reason: 'the token is not known' });
      return false;
    }

    // The positions of another user's messages mean nothing.
    this._forget(part => /^0,0,[^0]/.test(part) && part !== `0,0,${user}`);
    this._user = user;
    return true;
  }

  /** @internal */
  _onOpen(dialect: Dialect, pingSeconds: number, user?: string): void {
    this._openedAt = this._clock.now();
    this._watch((pingSeconds || 30) * 2000);
    this._enter({ state: 'open', dialect, user });
    this._flush();
  }

  /** @internal */
  _onMessage(text: string, part?: string, position?: string): void {
    if (part && position && reaches(part, this.rooms)) {
      this._positions.set(part, position);
    }

    this._emit('message', { text, part, room: part && roomOf(part), position });
  }

  /** @internal */
  _onGap(part: string, position: string | null): void {
    this._positions.set(part, position);
    this._emit('gap', { part, room: roomOf(part), position: position ?? undefined });
  }

  /** @internal */
  _onAt(part: string, position: string): void {
    if (this._positions.get(part) === null) {
      this._onGap(part, position); // the gateway was not told a position, because there was none
    }

    this._positions.set(part, position);
    this._emit('at', { part, position });
  }

  /** @internal */
  _onJoined(room: string): void {
    const membership = this._rooms.get(room);
    if (membership && !membership._isLive) {
      membership._isLive = membership._isEstablished = true;
      membership._failures = 0;
      membership._waiting.splice(0).forEach(call => call.resolve());
      this._emit('joined', { room });
      this._flush();
    }
  }

  /** The gateway has refused or left a room. What was joined before is tried again if that may help. @internal */
  _onRefused(room: string, error: DirectError): void {
    const membership = this._rooms.get(room);
    if (!membership) {
      return;
    }

    membership._isLive = false;
    if (!membership._isEstablished || /^(?!4[0-4])\d/.test(`${error.code}`)) {
      this._rooms.delete(room);
      this._prune();
      membership._waiting.forEach(call => call.reject(error));
      if (membership._isEstablished) {
        this._emit('left', { room, code: error.code, text: error.text });
      }

      this._flush();
    } else if (error.code === 'unsupported') {
      const calls = membership._waiting.splice(0);
      calls.forEach(call => call.reject(error));
      if (!calls.length) {
        this._emit('error', error);
      }
    } else {
      membership._cancel = this._clock.after(this._delay(membership._failures++), () => this._session!._join(room));
    }
  }

  /** @internal */
  _onSaid(ref: string, error?: DirectError): void {
    const say = this._says.get(ref);
    this._says.delete(ref);
    if (!error) {
      say?.resolve();
    } else if (say) {
      // What is refused now may have been delivered before; 4015 says so itself.
      const code = say._isRepeat && (error.code as number) > 0 && error.code !== 4015 ? 'uncertain' : error.code;
      say.reject(new DirectError(code, error.text, say.room, say.id));
    } else {
      this._emit('error', error);
    }
  }

  private _call(begin: (call: Call) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this._isClosed) {
        throw new DirectError('closed', 'the client was closed');
      }

      begin({ resolve, reject });
    });
  }

  private get _isClosed(): boolean {
    return this.state.state === 'closed';
  }

  private async _run(): Promise<void> {
    for (let failures = 0; !this._isClosed;) {
      this._enter({ state: 'connecting' });
      this._openedAt = Infinity;
      const end = await this._connect(failures);
      if (isFinal(end.code)) {
        this._shut(end);
      }

      if (this._isClosed) {
        return;
      }

      if (end.code === 4001) {
        this._opener._forget();
      }

      if (end.code === 4007) {
        this._firstRooms /= 2; // the gateway allows fewer
      }

      this._isExpired ||= end.code === 4009;
      failures = this._clock.now() - this._openedAt < goodAfterMs ? failures : 0;
      const delayMs = this._delay(failures++);
      await new Promise<void>(resolve => {
        this._resume = resolve;
        this._wait(delayMs, resolve);
        this._enter({ state: 'waiting', ...end, delayMs });
      });
    }
  }

  // One connection, from its token to its end.
  private async _connect(failures: number): Promise<End> {
    const lost: End = { code: 1006, reason: '' };
    let opened: Opened | undefined;
    let token: string;
    try {
      const given = this._options.token ?? '';
      this._isFresh = this._isExpired;
      token = typeof given === 'string' ? given : await new Promise((resolve, reject) => {
        this._wait(this._connectTimeoutMs, () => reject(new Error('no token in time')));
        Promise.resolve(given({ expired: this._isExpired })).then(resolve, reject);
      });
      this._cancel?.();
      const limit = this._options.maxMessageBytes ?? 512;
      if (typeof token !== 'string' || /[\r\n]/.test(token) || bytesOf(token) > limit) {
        throw new TypeError(`the token is not a line of at most ${limit} bytes`);
      }

      this._isExpired = false;
      opened = this._isClosed ? undefined : await this._opener._open(failures);
    } catch (error) {
      this._emit('error', error as Error);
      return lost;
    }

    return opened ? this._serve(opened, token) : lost;
  }

  private async _serve(opened: Opened, token: string): Promise<End> {
    const { socket, dialect } = opened;
    if (opened.end || this._isClosed) {
      socket.close();
      return opened.end ?? { code: 1000, reason: '' };
    }

    return new Promise(resolve => {
      const session = new (dialect === 'direct.2' ? Direct2 : Original)(this, text => socket.send(text), token);
      const heard = () => {
        if (this._session === session) {
          this._heardAt = this._clock.now();
        }
      };
      this._session = session;
      heard();
      this._end = end => {
        this._end = this._session = undefined;
        this._probe = () => {};
        socket.onmessage = socket.onclose = null;
        socket.close();
        session._stop();
        this._cancel?.();
        this._rooms.forEach(membership => {
          membership._isLive = false;
          membership._cancel?.();
        });
        this._prune();
        resolve(end);
      };
      socket.onclose = ({ code, reason }) => this._end?.({ code, reason });
      socket.onmessage = ({ data }) => {
        heard();
        session._receive(data);
      };
      // A browser answers pings by itself and tells nobody; npm's ws tells.
      (socket as { on?: (name: string, handler: () => void) => void }).on?.('ping', heard);
      this._wait(this._connectTimeoutMs, () => this._end?.({ code: 1006, reason: 'no welcome' }));
      session._start();
    });
  }

  // A connection that is gone is noticed late or never by TCP. After two pings' time of silence the gateway is asked for an answer.
  private _watch(idleMs: number): void {
    const check = () => {
      const idleForMs = this._clock.now() - this._heardAt;
      if (idleForMs < idleMs) {
        this._wait(idleMs - idleForMs, check);
      } else {
        probe();
      }
    };
    const probe = () => {
      const probedAt = this._clock.now();
      if (!this._session!._probe()) {
        return this._wait(idleMs, check);
      }

      this._probe = () => {}; // until this one has its answer
      this._wait(this._options.probeTimeoutMs ?? 15_000, () => {
        this._probe = probe;
        if (this._heardAt < probedAt) {
          this._end?.({ code: 1006, reason: 'no answer to a probe' });
        } else {
          check();
        }
      });
    };
    this._probe = probe;
    this._wait(idleMs, check);
  }

  private _delay(failures: number): number {
    const { minMs = 1000, maxMs = 30_000 } = this._options.backoff ?? {};
    return Math.min(maxMs, minMs * 2 ** failures) * this._random();
  }

  private _enter(state: State): void {
    if (!this._isClosed) {
      this.state = state;
      this._emit('state', state);
    }
  }

  private _shut(end: End): void {
    if (this._isClosed) {
      return;
    }

    const error = new DirectError('closed', `the connection ended with ${end.code} ${end.reason}`);
    this._enter({ state: 'closed', ...end });
    this._ended.abort();
    this._end?.(end);
    this._opener._stop();
    this._cancel?.();
    this._rooms.forEach(membership => membership._waiting.splice(0).forEach(call => call.reject(error)));
    [...this._says.keys()].forEach(ref => this._onSaid(ref, error));
  }
}
