import type { DirectError } from './error.js';

/** A call that waits for its answer. */
export interface Call {
  resolve(): void;
  reject(error: DirectError): void;
}

/** Something to say, until it is answered. */
export interface Say extends Call {
  readonly ref: string;
  readonly room: string;
  readonly text: string;
  readonly id: string;
  /** When, and as which user, it was first sent. */
  sentAt?: number;
  sentAs?: string;
  /** The connection that has it. */
  _session?: Session;
  /** Whether another connection had sent it before. */
  _isRepeat?: boolean;
}

/** One connection, in one dialect. */
export interface Session {
  /** Sends the first message, or messages. */
  _start(): void;
  _receive(data: string): void;
  _join(room: string): void;
  _leave(room: string, call: Call): void;
  _say(say: Say): void;
  /** Sends something that the gateway answers and that has no effect. Returns whether the dialect has such a thing. */
  _probe(): boolean;
  _stop(): void;
}
