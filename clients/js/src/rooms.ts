import type { Id, Room } from './types.js';

/** Returns the decimal form of a 64-bit id. Throws if it has none, or may have been rounded. */
function idOf(id: Id): string {
  const text = `${id}`;
  if (!/^-?\d+$/.test(text) || `${BigInt.asIntN(64, BigInt(text))}` !== text || (typeof id === 'number' && !Number.isSafeInteger(id))) {
    throw new TypeError(`the id is ${text}, expected 64 bits, beyond 2^53 as a string`);
  }

  return text;
}

/** Returns the length in UTF-8. */
export const bytesOf = (text: string) => new TextEncoder().encode(text).length;

/** Returns a room as `group,channel`. */
export function nameOf(room: Room): string {
  const ids = typeof room === 'string' ? room.split(',') : room;
  if (ids.length !== 2) {
    throw new TypeError(`the room is '${room}', expected 'group,channel'`);
  }

  return ids.map(idOf).join();
}

/** Returns the topics that a connection in this room receives, besides those of the user and of everyone. */
export function partsOf(name: string): string[] {
  const [group, channel] = name.split(',');
  return [...new Set([`${group},0,0`, `0,${channel},0`, `${name},0`])].filter(part => part !== '0,0,0');
}

/** Returns whether a topic reaches a connection that is in these rooms. */
export function reaches(part: string, rooms: string[]): boolean {
  return part.startsWith('0,0,') || rooms.some(room => partsOf(room).includes(part));
}

/** Returns the positions that are known. */
export const knownOf = (positions: [string, string | null][]) =>
  Object.fromEntries(positions.filter((pair): pair is [string, string] => pair[1] !== null));

/** Returns the first two numbers of a topic. */
export function roomOf(part: string): string {
  return part.slice(0, part.lastIndexOf(','));
}
