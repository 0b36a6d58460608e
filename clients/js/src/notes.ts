import type { ErrorCode } from './types.js';

/** A call that a tab cannot answer itself. Calls of a tab are numbered from 1. */
export interface Ask {
  readonly number: number;
  readonly verb: 'join' | 'leave' | 'say';
  readonly room: string;
  readonly text: string;
  readonly id?: string;
  /** Set if an earlier hub may have said it: when, and as which user. */
  sentAt?: number;
  sentAs?: string;
}

/** What tabs tell each other. A note without `to` is for all. */
export interface Note {
  readonly to?: string;
  readonly from?: string;
  /** The rooms that a tab is in: sent when the tab or a hub starts. */
  readonly rooms?: string[];
  /** Calls of a tab; with `rooms` all that are not answered. */
  readonly asks?: Ask[];
  /** A hub has started. */
  readonly isHub?: boolean;
  /** An event of the connection. */
  readonly event?: string;
  readonly data?: any;
  /** Where all topics stand, null for those received without positions. Every `hello` is answered by it. */
  readonly positions?: Record<string, string | null>;
  /** The answer to a call. */
  readonly answer?: number;
  readonly error?: { code: ErrorCode; text: string };
}

/** Addresses the hub. */
export const toHub = 'hub';
