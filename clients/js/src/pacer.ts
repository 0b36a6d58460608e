import type { Clock } from './types.js';

/** How many lines a join counts as: gateways allow fewer joins than other lines. */
export const joinLines = 5;

interface Frame {
  readonly _text: string;
  readonly _lines: number;
  readonly _sent?: () => void;
}

/** Sends messages in order, no faster than a gateway allows: it closes connections that exceed its limits. */
export class Pacer {
  private readonly _waiting: Frame[] = [];
  private _fullAt = 0; // when a whole second's lines may be sent again
  private _cancel?: () => void;
  private _isOn = false;

  constructor(
    private readonly _clock: Clock,
    private readonly _send: (text: string) => void,
    private readonly _perSecond: number,
  ) {}

  /** Begins to send. */
  _start(): void {
    this._isOn = true;
    this._pump();
  }

  _stop(): void {
    this._isOn = false;
    this._cancel?.();
  }

  /** Sends a message of so many lines when it is its turn. */
  _push(_text: string, _lines: number, _sent?: () => void): void {
    this._waiting.push({ _text, _lines, _sent });
    this._pump();
  }

  private _pump(): void {
    this._cancel?.();
    const now = this._clock.now();
    while (this._isOn && this._waiting.length) {
      const { _text, _lines, _sent } = this._waiting[0];
      const from = Math.max(this._fullAt, now);
      const msOf = (lines: number) => (lines * 1000) / this._perSecond;
      // A message that is longer than a second allows waits until nothing else was sent for a second.
      const missing = from - now + msOf(Math.min(_lines, this._perSecond)) - 1000;
      if (missing > 0) {
        this._cancel = this._clock.after(Math.ceil(missing), () => this._pump());
        return;
      }

      this._waiting.shift();
      this._fullAt = from + msOf(_lines);
      _sent?.();
      this._send(_text);
    }
  }
}
