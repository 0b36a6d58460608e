// Two connections share a room, a third is elsewhere.
import assert from 'node:assert/strict';
import { connect } from './connection.mjs';

const [url, http] = process.argv.slice(2);
const [first, second, outsider] = [await connect(url), await connect(url), await connect(url)];
await first.join('7,8');
await second.join('7,8');
await outsider.join('7,9');

first.send(':hello');
await first.until('hello');
assert.deepEqual(await second.until('hello'), { text: 'hello', isBinary: false });

second.send(Buffer.from(':grüße 👋'));
await second.until('grüße 👋');
assert.deepEqual(await first.until('grüße 👋'), { text: 'grüße 👋', isBinary: false });

first.send(':in ', { fin: false });
first.send('three ', { fin: false });
first.send('parts', { fin: true });
await second.until('in three parts');

first.send(':');
await second.until('');

// The last word to everyone comes after anything the outsider could have been sent by mistake.
await fetch(`${http}/!direct-signal?part=0,0,0&message=last`);
await outsider.until('last');
assert.ok(outsider.messages.slice(1).every(({ text }) => text === 'last'), JSON.stringify(outsider.messages));

// Whoever moves leaves the old room.
await second.join('7,9');
first.send(':alone');
await first.until('alone');
second.send(':moved');
await outsider.until('moved');
await second.until('moved');
assert.ok(!second.messages.some(({ text }) => text === 'alone'), JSON.stringify(second.messages));
process.exit(0);
