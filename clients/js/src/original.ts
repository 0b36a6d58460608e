import { DirectError } from './error.js';
import { joinLines, type Pacer } from './pacer.js';
import { partsOf } from './rooms.js';
import type { Call, Say, Session } from './session.js';
import type { SocketClient } from './client.js';

/** The time after which a join is taken to be in force, because it is not answered. */
const settleMs = 1000;

/** Speaks the original dialect: one room at a time, and nothing is confirmed. */
export class Original implements Session {
  private readonly _pacer: Pacer;
  private _room?: string;
  private _cancel?: () => void;

  constructor(
    private readonly _client: SocketClient,
    private readonly _send: (text: string) => void,
    private readonly _token: string,
  ) {
    this._pacer = _client._pacer(_send);
  }

  _start(): void {
    this._send(this._token);
    const { rooms } = this._client;
    const missed = this._client._received(['0,0,0', ...rooms.slice(0, 1).flatMap(partsOf)]);
    rooms.forEach(room => this._join(room));
    this._client._onOpen('original', 30);
    this._pacer._start();
    this._cancel = this._client._clock.after(settleMs, () => missed.forEach(part => this._client._onGap(part, null)));
  }

  _receive(data: string): void {
    this._client._onMessage(data);
  }

  _join(room: string): void {
    if (this._room === room) {
      return;
    }

    if (this._room) {
      return this._client._onRefused(room, new DirectError('unsupported', `one room at a time here, and ${this._room} is joined`, room));
    }

    this._room = room;
    this._pacer._push(room, joinLines, () => {
      this._client._received(partsOf(room));
      this._client._onJoined(room);
    });
  }

  _leave(room: string, call: Call): void {
    if (room === this._room) {
      this._room = undefined;
      this._pacer._push('0,0', joinLines);
      this._client.rooms.slice(0, 1).forEach(next => this._join(next)); // it has waited for this
    }

    this._client._prune();
    call.resolve();
  }

  _say(say: Say): void {
    if (say.room !== this._room) {
      this._client._onSaid(say.ref, new DirectError(4504, 'the room is not joined'));
    } else {
      const message = `:${say.text}`;
      if (this._client._maySay(say, false, message, 512)) {
        this._pacer._push(message, 1, () => this._client._onSaid(say.ref));
      }
    }
  }

  _probe(): boolean {
    return false;
  }

  _stop(): void {
    this._pacer._stop();
    this._cancel?.();
  }
}
