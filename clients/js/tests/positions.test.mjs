import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './support/clock.mjs';
import { Scene, watch } from './support/gateway.mjs';

const since = socket => socket.lines().filter(line => line.startsWith('since ')).map(line => line.slice(6)).sort();

test('positions are those of at, messages and gaps, and come before the joins', async () => {
  const scene = await Scene.open({ rooms: ['7,1', '7,2'] });
  await scene.socket.receive('7,1,0 m1\nhello', 'gap 7,0,0 g1', 'at 0,2,0 a1', '0,0,42 u1\nyou', '0,0,0 e1\nall');
  await scene.socket.end(1006);
  await (await scene.again()).accept();

  assert.equal(scene.socket.sent.length, 1);
  assert.deepEqual(since(scene.socket), ['0,0,0 e1', '0,0,42 u1', '0,1,0 p0', '0,2,0 a1', '7,0,0 g1', '7,1,0 m1', '7,2,0 p0']);
  const lines = scene.socket.lines();
  assert.equal(lines[0], 'auth ');
  assert.ok(lines.findIndex(line => line === 'since 0,2,0 a1') < lines.findIndex(line => line.startsWith('join 7,2')));
});

test('without positions there is no since', async () => {
  const scene = new Scene({ rooms: ['7,1'] });
  await settle();
  await scene.socket.accept();

  assert.deepEqual(since(scene.socket), []);
});

test('replays, then at, then live messages: the last position counts', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  await scene.socket.end(1006);
  await (await scene.again()).accept();
  await scene.socket.receive('welcome 42 2 30', '7,1,0 r1\nmissed', '7,1,0 r2\nmissed too', 'at 7,1,0 r2', 'joined 7,1 #x', '7,1,0 r3\nlive');
  assert.deepEqual(scene.of('message').map(({ text }) => text), ['missed', 'missed too', 'live']);
  assert.deepEqual(scene.of('gap'), []);
  await scene.socket.end(1006);
  await (await scene.again()).accept();

  assert.ok(since(scene.socket).includes('7,1,0 r3'));
});

test('a gap is told with its topic, before the messages after it', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  await scene.socket.receive('gap 7,1,0 g1', '7,1,0 g2\nafter');

  assert.deepEqual(scene.events.slice(-2), [
    ['gap', { part: '7,1,0', room: '7,1', position: 'g1' }],
    ['message', { text: 'after', part: '7,1,0', room: '7,1', position: 'g2' }],
  ]);
});

test('a message keeps its line feeds, and may be empty', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  await scene.socket.receive('7,1,0 p1\none\ntwo\n', '-7,0,0 p2\n');

  assert.deepEqual(scene.of('message').map(({ text, part }) => [part, text]), [['7,1,0', 'one\ntwo\n'], ['-7,0,0', '']]);
});

test('what is left is forgotten, but not what another room needs', async () => {
  const scene = await Scene.open({ rooms: ['7,1', '7,2'] });
  scene.client.leave('7,1');
  await settle();
  await scene.socket.receive(`left 7,1 #${scene.socket.sent.at(-1).split('#')[1]}`, '7,1,0 late\nunder way');

  assert.deepEqual(Object.keys(scene.client.positions).sort(), ['0,0,0', '0,0,42', '0,2,0', '7,0,0', '7,2,0']);
});

test('what was left without an answer is forgotten, too', async () => {
  const scene = await Scene.open({ rooms: ['7,1', '8,2'] });
  watch(scene.client.leave('7,1'));
  await settle();
  await scene.socket.end(1006);

  assert.deepEqual(Object.keys(scene.client.positions).sort(), ['0,0,0', '0,0,42', '0,2,0', '8,0,0', '8,2,0']);
});

test('after 4007 the first message has fewer rooms', async () => {
  const scene = await Scene.open({ rooms: ['7,1', '7,2', '7,3', '7,4'], maxRooms: 4 });
  const first = () => scene.socket.sent[0].split('\n').filter(line => line.startsWith('join')).length;
  assert.equal(first(), 4);
  for (const expected of [2, 1, 1]) {
    await scene.socket.end(4007);
    await (await scene.again()).accept();
    assert.equal(first(), expected);
  }
});

test('a room behind one that does not fit brings the positions that both need', async () => {
  const scene = new Scene({ rooms: ['7,1', '7,2'], positions: { '7,0,0': 'x'.repeat(40), '7,2,0': 'y' }, maxFirstMessageBytes: 50 });
  await settle();
  await scene.socket.accept();
  await scene.socket.receive('welcome 42 1 30');

  assert.deepEqual(scene.socket.lines().map(line => line.replace(/ #\w+/, '').slice(0, 11)), ['auth ', 'since 7,0,0', 'join 7,1', 'since 7,2,0', 'join 7,2']);
});

test('a room that is joined later brings the positions that are known and not live', async () => {
  const scene = await Scene.open({ positions: { '7,1,0': 'k1', '7,0,0': 'k2' }, rooms: ['7,2'] });
  assert.deepEqual(since(scene.socket), ['7,0,0 k2']);
  scene.client.join('7,1');
  await settle();

  assert.deepEqual(scene.socket.sent.at(-1).split('\n').map(line => line.replace(/ #\w+/, '')), ['since 7,1,0 k1', 'join 7,1']);
});

test('positions survive a reload', async () => {
  const before = await Scene.open({ rooms: ['7,1'] });
  await before.socket.receive('7,1,0 m1\nhello');
  const positions = JSON.parse(JSON.stringify(before.client.positions));
  before.client.close();
  const after = new Scene({ rooms: ['7,1'], positions });
  await settle();
  await after.socket.accept();

  assert.deepEqual(since(after.socket), ['0,0,0 p0', '0,0,42 p0', '0,1,0 p0', '7,0,0 p0', '7,1,0 m1']);
});

test('the positions of another user are forgotten', async () => {
  const scene = await Scene.open();
  await scene.socket.end(1006);
  await (await scene.again()).accept();
  await scene.socket.welcome('43');

  assert.deepEqual(Object.keys(scene.client.positions).sort(), ['0,0,0', '0,0,43']);
});

test('what does not fit into the first message follows after the welcome, each room with its positions', async () => {
  const rooms = Array.from({ length: 10 }, (_, i) => `7,${i + 1}`);
  const scene = await Scene.open({ rooms, maxFirstMessageBytes: 200 });
  await scene.clock.advance(60_000);
  for (const [room, ref] of scene.socket.joins().slice(scene.of('joined').length)) await scene.socket.joined(room, ref);
  await scene.socket.end(1006);
  const socket = await scene.again();
  await socket.accept();

  assert.equal(socket.sent.length, 1);
  assert.ok(socket.sent[0].length <= 200, `${socket.sent[0].length} bytes`);
  const first = socket.joins().length;
  assert.ok(first > 0 && first < 10, `${first} joins in the first message`);
  await socket.receive('welcome 42 2 30');
  await scene.clock.advance(60_000);
  assert.deepEqual(socket.joins().map(([room]) => room).sort(), rooms.sort());
  const later = socket.sent.slice(1).filter(frame => frame.includes('join '));
  assert.equal(later.length, 10 - first);
  for (const frame of later) {
    const lines = frame.split('\n');
    const room = lines.at(-1).split(' ')[1];
    assert.ok(lines.includes(`since ${room},0 p0`), frame);
  }
});

test('the first message has no more rooms than the gateway allows, because its lines are limited', async () => {
  const rooms = Array.from({ length: 103 }, (_, i) => `7,${i + 1}`);
  const scene = await Scene.open({ rooms });
  assert.equal(scene.socket.sent[0].split('\n').filter(line => line.startsWith('join')).length, 100);
  await scene.clock.advance(1_000);
  const [first, second, third] = scene.socket.joins().slice(100);
  assert.deepEqual([first[0], second[0], third[0]], ['7,101', '7,102', '7,103']);
  await scene.socket.receive(`error #${first[1]} 4505 join 7,101 too many rooms for one connection`);

  assert.deepEqual(scene.of('left'), [{ room: '7,101', code: 4505, text: 'too many rooms for one connection' }]);
});

test('100 rooms with long ids and positions fit into one first message of 64 KiB', async () => {
  const rooms = Array.from({ length: 100 }, (_, i) => `-92233720368547${10000 + i},92233720368547${20000 + i}`);
  const positions = Object.fromEntries(rooms.flatMap(room => {
    const [group, channel] = room.split(',');
    return [`${group},0,0`, `0,${channel},0`, `${room},0`].map(part => [part, 'x'.repeat(40)]);
  }));
  const scene = new Scene({ rooms, positions });
  await settle();
  await scene.socket.accept();

  assert.equal(scene.socket.joins().length, 100);
  assert.equal(since(scene.socket).length, 300);
  assert.ok(Buffer.byteLength(scene.socket.sent[0]) <= 65_536);
});
