/** A 64-bit id. Numbers are accepted up to 2^53, where they are exact; the client itself gives ids as decimal strings. */
export type Id = string | number | bigint;

/** A room: `'group,channel'`, or both ids. `'7,0'` is group 7 without a channel. */
export type Room = string | readonly [group: Id, channel: Id];

/**
 * `direct.2`: many rooms, confirmed joins and messages, positions.
 * `original`: what a gateway speaks that does not know `direct.2`. One room at a time, and nothing is confirmed.
 */
export type Dialect = 'direct.2' | 'original';

/** `waiting`: not connected, and will try again. `closed`: not connected, and will not try again. */
export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'closed';

export interface State {
  readonly state: ConnectionState;
  /** With `open`: what the gateway speaks. */
  readonly dialect?: Dialect;
  /** With `open` in `direct.2`: the user id that the token belongs to; negative if anonymous. */
  readonly user?: string;
  /** With `waiting` and `closed`: the close code; 1006 if there was none, 1000 after `close()`. */
  readonly code?: number;
  /** With `waiting` and `closed`: the text of the close frame. */
  readonly reason?: string;
  /** With `waiting`: the time until the next attempt. */
  readonly delayMs?: number;
}

export interface Message {
  readonly text: string;
  /** The topic: `7,1,0` a room, `7,0,0` a group, `0,1,0` a channel, `0,0,42` a user, `0,0,0` everyone. Not known in the original dialect. */
  readonly part?: string;
  /** The first two numbers of `part`: `7,1` a room, `0,0` a message to a user or to everyone. Not known in the original dialect. */
  readonly room?: string;
  /** Where the topic stands after this message. Do not compare or calculate with it. */
  readonly position?: string;
}

/** Messages of this topic may be missing: fetch its state from the backend, and go on from here. */
export interface Gap {
  readonly part: string;
  /** The first two numbers of `part`. */
  readonly room: string;
  readonly position?: string;
}

/** Where a topic stands. */
export interface At {
  readonly part: string;
  readonly position: string;
}

export interface Joined {
  readonly room: string;
}

/** A room was left, by `leave`, or because the gateway refused it (then with a code). */
export interface Left {
  readonly room: string;
  readonly code?: ErrorCode;
  readonly text?: string;
}

/**
 * A code of the gateway (docs/protocol2.md has the table), or one of the client's own:
 * `queue_full`: too many messages wait for their answers.
 * `uncertain`: the connection ended before the answer; the message may have been delivered, and cannot be repeated safely.
 * `unsupported`: the original dialect cannot do this.
 * `closed`: the client was closed.
 */
export type ErrorCode = number | 'queue_full' | 'uncertain' | 'unsupported' | 'closed';

export interface ClientEvents {
  message: Message;
  gap: Gap;
  at: At;
  state: State;
  joined: Joined;
  left: Left;
  /** Errors that belong to no call: the token callback failed, or the gateway refused a line that the client wrote by itself. */
  error: Error;
}

export interface TokenRequest {
  /** Whether the last token is no longer good: the session has ended (4009), or the gateway took it for that of another user. */
  readonly expired: boolean;
}

/** The part of the browser's `WebSocket` that the client uses; npm's `ws` has it too. */
export interface WebSocketLike {
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => WebSocketLike;

/** The time. Tests give their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls the handler after this time. Returns a function that cancels this. */
  after(ms: number, handler: () => void): () => void;
}

export interface Options {
  /** The token, or a function that returns a fresh one. The function is called before every connection. A string is used again when its session has ended. Default: an empty token, which is anonymous. */
  token?: string | ((request: TokenRequest) => string | Promise<string>);
  /** The rooms to be in from the start. */
  rooms?: Iterable<Room>;
  /** `auto` speaks `direct.2`, and the original dialect where the gateway does not know it. Default: `auto`. */
  dialect?: 'auto' | Dialect;
  /** Where topics stood when an earlier client was closed: its `positions`. */
  positions?: Readonly<Record<string, string>>;
  /** One connection for all tabs of the browser that use the same URL; a string separates those of different users; with true all tabs must be of one user. Default: false. */
  shared?: boolean | string;
  /** After failure n, counted from 0, the client waits a random time between 0 and `minMs` × 2^n, at most `maxMs`. Default: 1,000 and 30,000. */
  backoff?: { minMs?: number; maxMs?: number };
  /** How many messages may wait for the connection or for their answers. Default: 256. */
  maxQueued?: number;
  /** For how long after its first attempt a message is repeated. It must be shorter than the gateways remember ids. Default: 240,000. */
  repeatForMs?: number;
  /** The longest message to a gateway, in bytes. Default: 4,096; in the original dialect 512. */
  maxMessageBytes?: number;
  /** How many rooms the gateway allows; the first message may have the lines of so many. Default: 100. */
  maxRooms?: number;
  /** The longest first message, which has the token and the rooms, in bytes. Default: 65,536. */
  maxFirstMessageBytes?: number;
  /** How many lines are sent in a second; a join counts as five. Default: 40. */
  linesPerSecond?: number;
  /** How long an attempt to connect, and the token callback, may take. Default: 10,000. */
  connectTimeoutMs?: number;
  /** How long the answer to a probe may take. Default: 15,000. */
  probeTimeoutMs?: number;
  /** The WebSocket to use. Default: the global one. Node before 22 has none: give it that of npm's `ws`. */
  WebSocket?: WebSocketConstructor;
  clock?: Clock;
  /** A number from 0 to 1. Default: `Math.random`. */
  random?: () => number;
}

export interface SayOptions {
  /** Identifies a repeat, 1 to 64 visible ASCII characters. Default: a random one. Say it again with the same id after an error 4015. */
  id?: string;
}

export interface Client {
  readonly state: State;
  /** The rooms to be in, as `'group,channel'`; also those whose join is under way. */
  readonly rooms: string[];
  /** Where each topic stands, by its part. */
  readonly positions: Record<string, string>;
  /** Calls the handler for each event from now on. Returns a function that ends this. */
  on<K extends keyof ClientEvents>(name: K, handler: (event: ClientEvents[K]) => void): () => void;
  /** Joins a room, now and after each reconnect. Resolves when the room is live; in the original dialect when the join was sent. */
  join(room: Room): Promise<void>;
  /** Leaves a room. */
  leave(room: Room): Promise<void>;
  /** Sends a text to everyone in a room. Resolves when the cluster has accepted it; in the original dialect when it was sent. */
  say(room: Room, text: string, options?: SayOptions): Promise<void>;
  /** Ends the connection for good. What waits is rejected with `closed`. */
  close(): void;
}
