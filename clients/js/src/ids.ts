/** Returns a random id. `crypto.randomUUID` is missing in pages without TLS. */
export const newId = () => crypto.getRandomValues(new Uint32Array(4)).join('');
