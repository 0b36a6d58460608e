import type { ErrorCode } from './types.js';

/** Why a call was refused. With a code from 4000 to 4499 the same call may succeed later, from 4500 to 4999 it will not. */
export class DirectError extends Error {
  override readonly name = 'DirectError';

  /**
   * @param code The code of the gateway, or one of the client's own.
   * @param text What the gateway or the client says about it.
   * @param room The room of the call, if it has one.
   * @param id The id of the message, to say it again with.
   */
  constructor(
    readonly code: ErrorCode,
    readonly text: string,
    readonly room?: string,
    readonly id?: string,
  ) {
    super(`${code} ${text}`);
  }
}
