import { SocketClient } from './client.js';
import { canShare, TabClient } from './tabs.js';
import type { Client, Options } from './types.js';

export { DirectError } from './error.js';
export type * from './types.js';

/**
 * Connects to a gateway, and stays connected until `close()` or until the gateway forbids it.
 * @param url The address of the WebSocket, such as `wss://chat.example/!direct`. `https:` and `http:` are understood, too.
 */
export function connect(url: string | URL, options: Options = {}): Client {
  const address = new URL(url, globalThis.location?.href);
  address.protocol = address.protocol.replace('http', 'ws');
  return options.shared && canShare()
    ? new TabClient(`direct/1 ${address} ${options.shared}`, address.href, options)
    : new SocketClient(address.href, options);
}
