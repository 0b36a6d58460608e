import type { Clock, Dialect, WebSocketConstructor, WebSocketLike } from './types.js';

/** How long the original dialect is spoken at once, before `direct.2` is tried again. */
const rememberForMs = 600_000;

/** How a connection ended. */
export interface End {
  readonly code: number;
  readonly reason: string;
}

export interface Opened {
  readonly socket: WebSocketLike;
  readonly dialect: Dialect;
  /** Set if it has already ended again. */
  end?: End;
}

/**
 * Opens sockets, and finds out which dialect the gateway speaks.
 *
 * A gateway that does not know `direct.2` selects no sub-protocol, and then the WebSocket fails exactly as if nobody answered. So an attempt
 * that failed is followed by one without a sub-protocol. If that one opens, the gateway may still have been slow or have come up in between: so
 * `direct.2` is tried once more while the other socket is open, which proves that somebody answers.
 */
export class Opener {
  private _knew = false; // whether the gateway knew direct.2 the last time
  private _originalUntil = 0;
  private _cancel?: () => void;
  private _isStopped = false;

  constructor(
    private readonly _url: string,
    private readonly _constructor: WebSocketConstructor,
    private readonly _clock: Clock,
    private readonly _timeoutMs: number,
    private readonly _wanted: 'auto' | Dialect = 'auto',
  ) {}

  /** Opens a socket. Returns nothing if that failed. Throws if it cannot be tried at all. */
  async _open(failures: number): Promise<Opened | undefined> {
    if (this._wanted !== 'auto') {
      return this._try(this._wanted);
    }

    if (this._clock.now() < this._originalUntil) {
      return this._try('original');
    }

    let opened = await this._try('direct.2');
    // A gateway that knew direct.2 before is more likely to be away than to have forgotten it.
    if (!opened && (!this._knew || failures > 2)) {
      const plain = await this._try('original');
      if (plain) {
        opened = await this._try('direct.2');
        if (opened) {
          plain.socket.close();
        }
      }

      opened ??= plain;
    }

    if (opened) {
      this._knew = opened.dialect === 'direct.2';
      this._originalUntil = this._knew ? 0 : this._clock.now() + rememberForMs;
    }

    return opened;
  }

  /** Forgets that the gateway did not know `direct.2`: it may have changed. */
  _forget(): void {
    this._originalUntil = 0;
  }

  /** Ends the attempt, and all later ones. */
  _stop(): void {
    this._isStopped = true;
    this._cancel?.();
  }

  private _try(dialect: Dialect): Promise<Opened | undefined> {
    return new Promise(resolve => {
      if (this._isStopped) {
        return resolve(undefined);
      }

      const socket = dialect === 'original' ? new this._constructor(this._url) : new this._constructor(this._url, dialect);
      const fail = () => {
        cancel();
        socket.onopen = socket.onclose = null;
        socket.close();
        resolve(undefined);
      };
      const cancel = this._clock.after(this._timeoutMs, fail);
      this._cancel = fail;
      socket.onopen = () => {
        cancel();
        const opened: Opened = { socket, dialect };
        this._cancel = undefined;
        socket.onclose = ({ code, reason }) => { opened.end = { code, reason }; };
        resolve(opened);
      };
      socket.onclose = fail;
      socket.onerror = () => {}; // the close follows; npm's ws ends the process if nobody listens
    });
  }
}
