import { DirectError } from './error.js';
import { joinLines, type Pacer } from './pacer.js';
import { bytesOf, partsOf } from './rooms.js';
import type { Call, Say, Session } from './session.js';
import type { SocketClient } from './client.js';

/** Speaks `direct.2`: docs/protocol2.md describes its lines. */
export class Direct2 implements Session {
  private readonly _pacer: Pacer;
  private readonly _joins = new Map<string, string>(); // ref of the last join by room
  private readonly _leaves = new Map<string, Call>(); // by ref
  private readonly _live = new Set<string>(); // topics that this connection receives
  private _user?: string;

  constructor(
    private readonly _client: SocketClient,
    private readonly _send: (text: string) => void,
    private readonly _token: string,
  ) {
    this._pacer = _client._pacer(_send);
  }

  // The token, the positions and the rooms go into one message. What does not fit follows after the welcome.
  _start(): void {
    const named = new Set<string>();
    let first = `auth ${this._token}`;
    for (const [part, position] of this._client._positions) {
      if (part.startsWith('0,0,') && position) {
        first += `\nsince ${part} ${position}`;
      }
    }

    const { maxFirstMessageBytes = 65_536 } = this._client._options;
    let isFull = false;
    for (const [index, room] of this._client.rooms.entries()) {
      const lines = this._joinLines(room, named);
      const longer = `${first}\n${lines.join('\n')}`;
      isFull ||= index >= this._client._firstRooms || bytesOf(longer) > maxFirstMessageBytes;
      if (isFull) { // those after it, too: they may rely on its positions
        this._pushJoin(lines);
      } else {
        first = longer;
      }
    }

    this._send(first);
  }

  _receive(data: string): void {
    if (/^[-\d]/.test(data)) {
      const end = data.indexOf('\n');
      const [part, position] = data.slice(0, end).split(' ');
      return this._client._onMessage(data.slice(end + 1), part, position);
    }

    const [verb, first, second, ...rest] = data.split(' ');
    if (verb === 'welcome') {
      this._welcome(first, Number(rest[0]));
    } else if (verb === 'at') {
      this._live.add(first);
      this._client._onAt(first, second);
    } else if (verb === 'gap') {
      this._client._onGap(first, second);
    } else if (verb === 'joined') {
      if (second?.slice(1) === this._joins.get(first)) {
        this._client._onJoined(first);
      }
    } else if (verb === 'left') {
      this._onLeft(data);
    } else if (verb === 'ok') {
      this._client._onSaid(first.slice(1));
    } else if (verb === 'error') {
      this._onError(first.slice(1), rest, new DirectError(Number(second), rest.slice(2).join(' '), rest[1]));
    }
  }

  _join(room: string): void {
    this._pushJoin(this._joinLines(room, new Set()));
  }

  _leave(room: string, call: Call): void {
    const ref = this._client._nextRef();
    this._leaves.set(ref, call);
    this._pacer._push(`leave ${room} #${ref}`, 1);
  }

  _say(say: Say): void {
    const message = `say ${say.room} id=${say.id} #${say.ref}\n${say.text}`;
    // Ids are those of a user: as another one, a repeat would be a new message.
    if (this._client._maySay(say, say.sentAs === this._user, message, 4096)) {
      this._pacer._push(message, 1, () => {
        say.sentAt ??= this._client._clock.now();
        say.sentAs ??= this._user;
      });
    }
  }

  _probe(): boolean {
    this._send('leave 0,0 #probe'); // answered by an error 4504
    return true;
  }

  _stop(): void {
    this._pacer._stop();
    this._leaves.forEach(call => call.resolve());
  }

  private _pushJoin(lines: string[]): void {
    this._pacer._push(lines.join('\n'), lines.length - 1 + joinLines);
  }

  private _joinLines(room: string, named: Set<string>): string[] {
    const ref = this._client._nextRef();
    this._joins.set(room, ref);
    const since = partsOf(room).filter(part => this._client._positions.get(part) && !this._live.has(part) && !named.has(part));
    since.forEach(part => named.add(part));
    return [...since.map(part => `since ${part} ${this._client._positions.get(part)}`), `join ${room} #${ref}`];
  }

  private _welcome(user: string, pingSeconds: number): void {
    if (!this._client._accepts(user)) {
      return;
    }

    this._user = user;
    this._client._onOpen('direct.2', pingSeconds, user);
    this._pacer._start();
  }

  private _onLeft(data: string): void {
    const [, room, code, text, ref] = /^left (\S+)(?: (\d+) (.*?))?(?: #(\w+))?$/.exec(data) ?? [];
    if (code) {
      partsOf(room).forEach(part => this._live.delete(part)); // a join names the positions again
      this._client._onRefused(room, new DirectError(Number(code), text, room));
    }

    this._client._prune().forEach(part => this._live.delete(part));
    this._leaves.get(ref)?.resolve();
    this._leaves.delete(ref);
  }

  private _onError(ref: string, [verb, room]: string[], error: DirectError): void {
    if (verb === 'join') {
      if (ref === this._joins.get(room)) {
        this._client._onRefused(room, error);
      }
    } else if (this._leaves.has(ref)) {
      this._leaves.get(ref)!.reject(error);
      this._leaves.delete(ref);
    } else if (ref !== 'probe') {
      this._client._onSaid(ref, error);
    }
  }
}
