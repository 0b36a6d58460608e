/** Returns whether this is a visible page, or none at all. */
export const isAwake = () => globalThis.document?.visibilityState !== 'hidden';

/** Calls the handler when the network is back or the page becomes visible: the connection may be gone, and there is no reason to wait. */
export function whenAwake(handler: () => void, signal: AbortSignal): void {
  for (const name of ['online', 'visibilitychange']) {
    globalThis.addEventListener?.(name, () => isAwake() && handler(), { signal });
  }
}
