// What every client for sockets must do with direct.2: rooms, messages, gaps, and coming back.
import assert from 'node:assert/strict';

/** The connection ends in this way; the client must come back to its rooms, and go on. */
const comesBack = end => async ({ sockets, client }) => {
  const node = await sockets();
  const socket = await client({ url: node.url, rooms: ['7,1', '7,2'] });
  await socket.joined('7,1', '7,2');
  node.last.deliver('7,1,0', 'before', 'p17');
  assert.equal((await socket.next('message')).text, 'before');
  socket.drain();

  end(node.last);

  const second = await node.opened(2);
  await socket.next('gap', ({ part }) => part === '7,1,0');
  assert.deepEqual([...second.rooms].sort(), ['7,1', '7,2']);
  assert.equal(second.since['7,1,0'], 'p17', 'the position of the last message');
  assert.equal(second.received.length, 1, `one first message expected: ${JSON.stringify(second.received)}`);
  second.deliver('7,1,0', 'after');
  assert.equal((await socket.next('message')).text, 'after');
};

/** The gateway closes with a code after which the client must stay away. */
const staysAway = code => async ({ sockets, client }) => {
  const node = await sockets();
  const socket = await client({ url: node.url, rooms: ['7,1'] });
  await socket.joined('7,1');

  node.last.close(code, 'banned');

  const state = await socket.state('closed');
  assert.equal(state.code, code);
  assert.equal(state.reason, 'banned');
  await sleep(1000);
  assert.equal(node.attempts.length, 1, 'attempts');
};

/**
 * The join is refused for now when the client comes back, and accepted when it is repeated. The repeat names the positions again, and what was said
 * waits for it: `say` is called before the connection ends, or while it is away.
 */
const joinsAgain = (code, { isSaidBefore }) => async ({ sockets, client }) => {
  let refusals = 2;
  const node = await sockets(
    { onSay: connection => (connection.drop(), true) },
    { onJoin: (connection, room, ref) => refusals-- > 0 && (connection.send(`error ${ref ?? '-'} ${code} join ${room} join again later`), true) },
  );
  const socket = await client({ url: node.url, rooms: ['7,1'] });
  await socket.joined('7,1');
  node.last.deliver('7,1,0', 'before', 'p17');
  await socket.next('message');
  const say = () => socket.send({ do: 'say', room: '7,1', text: 'hello', ref: 1 });

  if (isSaidBefore) {
    say();
  } else {
    node.refusals = 2;
    node.last.drop();
    await socket.state('waiting');
    say();
  }

  const seen = [];
  while (!seen.some(({ event }) => event === 'result')) seen.push(await socket.next());
  const second = await node.opened(2);
  assert.deepEqual(second.received.filter(message => /(^|\n)join /.test(message)).map(message => message.includes('since 7,1,0 p17\n')), [true, true, true], JSON.stringify(second.received));
  assert.equal(seen.at(-1).code, undefined, `the say failed: ${JSON.stringify(seen.at(-1))}`);
  assert.ok(seen.some(({ event, part }) => event === 'gap' && part === '7,1,0'), `a gap is expected: ${JSON.stringify(seen)}`);
  assert.ok(!seen.some(({ event }) => event === 'left'), 'the room was not left');
  assert.deepEqual(node.broadcasts.texts, ['hello']);
  assert.equal(node.connections.length, 2, 'connections');
};

/** A message of these texts arrives as it was sent. */
const arrives = (texts, send) => async ({ sockets, client }) => {
  const node = await sockets();
  const socket = await client({ url: node.url, rooms: ['7,1'] });
  await socket.joined('7,1');

  await send(node.last, texts);

  for (const text of texts) {
    const message = await socket.next('message');
    assert.equal(message.text, text);
    assert.equal(message.part, '7,1,0');
  }
};

const one = (connection, texts) => texts.forEach(text => connection.deliver('7,1,0', text));
const texts = ['', 'hello', 'grüße 👋', 'two\nlines\n', '\n', '7,1,0 0\nnot a head', 'at 7,1,0 5', 'x'.repeat(65_536), ':x'];

export const socketScenarios = {
  'connects: the token, the rooms, one message': async ({ sockets, client }) => {
    const node = await sockets();
    const socket = await client({ url: node.url, token: 'a token, with spaces', rooms: ['7,1', '-9223372036854775808,9223372036854775807'] });

    await socket.joined('7,1', '-9223372036854775808,9223372036854775807');

    assert.equal(node.last.protocol, 'direct.2');
    assert.equal(node.last.token, 'a token, with spaces');
    assert.equal(node.last.received.length, 1, 'messages of the client');
  },

  'says which user it is': async ({ sockets, client }) => {
    const node = await sockets({ user: '-9223372036854775808' });

    const socket = await client({ url: node.url });

    assert.equal((await socket.state('open')).user, '-9223372036854775808');
  },

  'messages arrive as they were sent': arrives(texts, one),
  'several frames in one packet': arrives(texts, (connection, all) => connection.deliverInPackets('7,1,0', all, 1_000_000)),
  'frames split over packets': arrives(['hello', 'grüße 👋', ''], (connection, all) => connection.deliverInPackets('7,1,0', all, 1)),
  'fragments, with a ping between them': arrives(['grüße 👋'.repeat(100)], (connection, [text]) => connection.deliverInFragments('7,1,0', text, 7)),
  'a ping is answered': async ({ sockets, client }) => {
    const node = await sockets();
    const socket = await client({ url: node.url });
    await socket.state('open');
    const pong = new Promise(resolve => node.last.webSocket.on('pong', resolve));

    node.last.webSocket.ping('now');

    assert.equal(`${await Promise.race([pong, sleep(5000)])}`, 'now');
  },

  'equal messages are not taken for repeats': arrives(['same', 'same', 'same'], one),

  'messages to a group, a channel, the user, everyone': async ({ sockets, client }) => {
    const node = await sockets();
    const socket = await client({ url: node.url, rooms: ['7,1'] });
    await socket.joined('7,1');

    const parts = ['7,0,0', '0,1,0', '0,0,42', '0,0,0'];
    parts.forEach(part => node.last.deliver(part, `to ${part}`));

    for (const part of parts) {
      const message = await socket.next('message');
      assert.deepEqual([message.part, message.text], [part, `to ${part}`]);
    }
  },

  'join and leave later': async ({ sockets, client }) => {
    const node = await sockets();
    const socket = await client({ url: node.url });
    await socket.state('open');

    socket.send({ do: 'join', room: '7,3', ref: 1 });
    assert.equal((await socket.result(1)).code, undefined);
    assert.ok(node.last.rooms.has('7,3'));
    socket.send({ do: 'leave', room: '7,3', ref: 2 });
    assert.equal((await socket.result(2)).code, undefined);
    assert.equal(node.last.rooms.size, 0);

    node.last.drop();
    const second = await node.opened(2);
    await sleep(200);
    assert.equal(second.rooms.size, 0, 'a room that was left stays left');
  },

  'a join that is refused': async ({ sockets, client }) => {
    const node = await sockets({ onJoin: (connection, room, ref) => room === '7,3' && (connection.send(`error ${ref ?? '-'} 4505 join ${room} too many rooms`), true) });
    const socket = await client({ url: node.url, rooms: ['7,1'] });
    await socket.joined('7,1');

    socket.send({ do: 'join', room: '7,3', ref: 1 });

    assert.equal((await socket.result(1)).code, 4505);
    node.last.deliver('7,1,0', 'still here');
    assert.equal((await socket.next('message')).text, 'still here');
  },

  'a join while not connected': async ({ sockets, client }) => {
    const node = await sockets();
    const socket = await client({ url: node.url, rooms: ['7,1'] });
    await socket.joined('7,1');
    node.refusals = 3;
    node.last.drop();
    await socket.state('waiting');

    socket.send({ do: 'join', room: '7,2', ref: 1 });

    assert.equal((await socket.result(1)).code, undefined);
    assert.deepEqual([...(await node.opened(2)).rooms].sort(), ['7,1', '7,2']);
  },

  'say: confirmed, and received by the sender': async ({ sockets, client }) => {
    const node = await sockets();
    const socket = await client({ url: node.url, rooms: ['7,1'] });
    await socket.joined('7,1');

    texts.slice(0, -2).forEach((text, i) => socket.send({ do: 'say', room: '7,1', text, ref: i }));

    const results = [];
    const messages = [];
    while (results.length < texts.length - 2 || messages.length < texts.length - 2) {
      const event = await socket.next(undefined, ({ event }) => event === 'result' || event === 'message');
      (event.event === 'result' ? results : messages).push(event);
    }
    assert.ok(results.every(({ code }) => code === undefined), JSON.stringify(results));
    assert.deepEqual(messages.map(({ text }) => text), texts.slice(0, -2));
  },

  'a say that is refused': async ({ sockets, client }) => {
    const node = await sockets({ onSay: (connection, { ref, room }) => (connection.send(`error ${ref} 4507 say ${room} the id was used`), true) });
    const socket = await client({ url: node.url, rooms: ['7,1'] });
    await socket.joined('7,1');

    socket.send({ do: 'say', room: '7,1', text: 'hello', ref: 1 });

    assert.equal((await socket.result(1)).code, 4507);
    assert.equal(node.last.received.filter(message => message.startsWith('say')).length, 1, 'tries');
  },

  'a say that is cut off before it was read': async ({ sockets, client }) => {
    const node = await sockets({ onSay: connection => (connection.drop(), true) });
    await saidOnce(node, await client({ url: node.url, rooms: ['7,1'] }));
  },

  'a say that is cut off after it was accepted': async ({ sockets, client }) => {
    const node = await sockets({ onSay: (connection, say) => (connection.accept(say, { confirms: false }), connection.drop(), true) });
    await saidOnce(node, await client({ url: node.url, rooms: ['7,1'] }));
  },

  // Ids are those of a user: a repeat as another one would be another broadcast.
  'a say that is cut off, and the next token is of another user': async ({ sockets, client }) => {
    const node = await sockets({ onSay: (connection, say) => (connection.accept(say, { confirms: false }), connection.drop(), true) }, { user: 43 });
    const socket = await client({ url: node.url, rooms: ['7,1'] });
    await socket.joined('7,1');

    socket.send({ do: 'say', room: '7,1', text: 'hello', ref: 1 });

    assert.notEqual((await socket.result(1)).code, undefined, 'it is not known whether it was delivered');
    await node.opened(2);
    await sleep(200);
    assert.deepEqual(node.broadcasts.texts, ['hello']);
  },

  'a say while not connected': async ({ sockets, client }) => {
    const node = await sockets();
    const socket = await client({ url: node.url, rooms: ['7,1'] });
    await socket.joined('7,1');
    node.refusals = 2;
    node.last.drop();
    await socket.state('waiting');

    socket.send({ do: 'say', room: '7,1', text: 'hello', ref: 1 });

    assert.equal((await socket.result(1)).code, undefined);
    assert.deepEqual(node.broadcasts.texts, ['hello']);
  },

  'a gap is reported': async ({ sockets, client }) => {
    const node = await sockets();
    const socket = await client({ url: node.url, rooms: ['7,1'] });
    await socket.joined('7,1');

    node.last.send('gap 7,0,0 p18');

    assert.equal((await socket.next('gap')).part, '7,0,0');
  },

  'an error that concerns no call': async ({ sockets, client }) => {
    const node = await sockets();
    const socket = await client({ url: node.url, rooms: ['7,1'] });
    await socket.joined('7,1');

    node.last.send('error - 1008 - 0,0 the line is not a command');
    node.last.deliver('7,1,0', 'still here');

    assert.equal((await socket.next('message')).text, 'still here');
  },

  'comes back after 4001, draining': comesBack(connection => connection.close(4001, 'gateway draining')),
  'comes back after 4002, a slow consumer': comesBack(connection => connection.close(4002, 'slow consumer')),
  'comes back after 4008, fenced': comesBack(connection => connection.close(4008, 'gateway fenced')),
  'comes back after 4499, by a backend': comesBack(connection => connection.close(4499, 'reload')),
  'comes back after 1001': comesBack(connection => connection.close(1001)),
  'comes back after 1011': comesBack(connection => connection.close(1011)),
  'comes back after a close without a code': comesBack(connection => connection.webSocket.close()),
  'comes back after TCP was reset': comesBack(connection => connection.drop()),
  'comes back after TCP was ended': comesBack(connection => connection.socket.destroy()),

  'stays away after 4501, blocked': staysAway(4501),
  'stays away after 4500': staysAway(4500),
  'stays away after 4999': staysAway(4999),

  'comes back with a fresh token after 4009': async ({ sockets, client }) => {
    const node = await sockets();
    const socket = await client({ url: node.url, rooms: ['7,1'], token: ['old', 'newer', 'newest'] });
    await socket.joined('7,1');
    socket.drain();
    node.last.close(4001, 'gateway draining');
    await until(() => node.last.token === 'newer' && node.last.rooms.has('7,1'), () => 'the second connection');

    node.last.close(4009, 'session expired');

    await until(() => node.last.token === 'newest' && node.last.rooms.has('7,1'), () => 'the third connection');
    // A client that caches tokens has to be told that the last one has expired, and only then. A driver reports it if its client says so.
    const requests = socket.drain().filter(({ event }) => event === 'token').map(({ expired }) => expired);
    assert.ok([[], [false, true]].some(expected => `${expected}` === `${requests}`), `expired is ${requests}`);
  },

  'a join that is refused for now, after 4006': joinsAgain(4006, { isSaidBefore: false }),
  'a join that is refused for now, after 4011': joinsAgain(4011, { isSaidBefore: false }),
  'a join that is refused for now, and something was said before': joinsAgain(4006, { isSaidBefore: true }),

  'comes back to 100 rooms, with their positions': async ({ sockets, client }) => {
    const rooms = Array.from({ length: 100 }, (_, i) => `${i + 1},${i + 1}`);
    const node = await sockets();
    const socket = await client({ url: node.url, rooms });
    await socket.joined(...rooms);

    node.last.drop();

    const second = await node.opened(2);
    await until(() => second.rooms.size === 100, () => `${second.rooms.size} rooms of 100`);
    assert.equal(second.lines.filter(line => line.startsWith('since ')).length, 302, 'positions: three for each room, of the user, and of everyone');
    assert.equal(node.connections.length, 2, 'connections');
  },

  'comes back after 4007, too many lines at once': async ({ sockets, client }) => {
    const rooms = Array.from({ length: 30 }, (_, i) => `${i + 1},${i + 1}`);
    const node = await sockets({}, ...Array.from({ length: 1000 }, () => ({ firstLines: 20 })));
    const socket = await client({ url: node.url, rooms });
    await socket.joined(...rooms);

    node.last.drop();

    await until(() => node.connections.length > 1 && node.last.rooms.size === 30, () => `${node.last.rooms.size} rooms of 30, ${node.connections.length} connections`, 20_000);
    assert.ok(node.connections.length <= 10, `${node.connections.length} connections`);
  },

  'says more than may wait: some are refused, the others arrive': async ({ sockets, client }) => {
    const node = await sockets();
    const socket = await client({ url: node.url, rooms: ['7,1'] });
    await socket.joined('7,1');
    node.refusals = Infinity;
    node.last.drop();
    await socket.state('waiting');

    const count = 1000;
    for (let ref = 0; ref < count; ref++) socket.send({ do: 'say', room: '7,1', text: `said ${ref}`, ref });

    const results = [];
    while (results.length < count / 2) results.push(await socket.next('result')); // while there is no connection
    assert.ok(results.every(({ code }) => code !== undefined));
    node.refusals = 0;
    while (results.length < count) results.push(await socket.next('result', undefined, 20_000));
    const accepted = results.filter(({ code }) => code === undefined).sort((a, b) => a.ref - b.ref).map(({ ref }) => `said ${ref}`);
    assert.ok(accepted.length >= 50, `${accepted.length} were accepted`);
    assert.deepEqual(node.broadcasts.texts, accepted);
    assert.equal(node.connections.length, 2, 'connections: they are not said faster than a gateway allows');
  },

  'a gateway that refuses for a while': async ({ sockets, client }) => {
    const node = await sockets();
    node.refusals = 6;

    const socket = await client({ url: node.url, rooms: ['7,1'] });

    await socket.joined('7,1');
    assert.equal(node.last.protocol, 'direct.2');
  },

  'a gateway that is away and returns': async ({ sockets, client }) => {
    const node = await sockets();
    const socket = await client({ url: node.url, rooms: ['7,1'] });
    await socket.joined('7,1');
    node.close();
    await socket.state('waiting');
    await sleep(500);
    socket.drain();

    await node.listen(node.port);

    (await node.opened(2)).deliver('7,1,0', 'back');
    assert.equal((await socket.next('message')).text, 'back');
  },

  'waits between attempts grow': async ({ sockets, client }) => {
    const node = await sockets();
    node.refusals = Infinity;

    await client({ url: node.url, rooms: ['7,1'], minMs: 100, maxMs: 10_000 });
    await sleep(6000);

    // Limits of 100, 200, ... 6,400 ms, and a random part of each: 8 tries, each of which may be two attempts. Without growth it would be 60 or more.
    assert.ok(node.attempts.length >= 4 && node.attempts.length <= 30, `${node.attempts.length} attempts in 6 s`);
  },

  'waits between attempts have an upper limit': async ({ sockets, client }) => {
    const node = await sockets();
    node.refusals = Infinity;

    await client({ url: node.url, rooms: ['7,1'], minMs: 50, maxMs: 200 });
    await sleep(5000);

    // Without a limit the waits of the second half would be longer than a second. A busy machine may make a few of them as long.
    const waits = node.attempts.slice(1).map(({ at }, i) => at - node.attempts[i].at);
    const late = waits.slice(waits.length / 2).sort((one, other) => one - other);
    assert.ok(late[Math.floor(late.length * 3 / 4)] < 500, `waits of ${waits.map(Math.round)} ms`);
    assert.ok(waits.length <= 150, `${waits.length} attempts in 5 s`);
  },

  'waits between attempts are random': async ({ sockets, client }) => {
    const node = await sockets();
    await client({ url: node.url, rooms: ['7,1'], minMs: 300, maxMs: 300 });

    const waits = [];
    for (let i = 1; i <= 8; i++) {
      const connection = await node.opened(i);
      const start = performance.now();
      connection.drop();
      await node.opened(i + 1);
      waits.push(node.attempts.at(-1).at - start);
    }

    const spread = Math.max(...waits) - Math.min(...waits);
    assert.ok(spread > 60, `waits of ${waits.map(Math.round)} ms`);
  },

  'an upgrade that is never answered': async ({ sockets, client }) => {
    const node = await sockets({ neverAnswers: true });
    const socket = await client({ url: node.url, rooms: ['7,1'], connectTimeoutMs: 500 });

    await socket.joined('7,1');

    // Two, and one more by a client that opens the original dialect meanwhile and then tries direct.2 again.
    assert.ok([2, 3].includes(node.attempts.length), `${node.attempts.length} attempts`);
  },

  'a token that is never answered': async ({ sockets, client }) => {
    const node = await sockets({ onAuth: () => true });
    const socket = await client({ url: node.url, rooms: ['7,1'], connectTimeoutMs: 500 });

    await socket.joined('7,1');

    assert.equal(node.connections.length, 2);
  },

  'a gateway that no longer answers': async ({ sockets, client }) => {
    const node = await sockets({ pingSeconds: 1 });
    const socket = await client({ url: node.url, rooms: ['7,1'], keepAliveMs: 500 });
    await socket.joined('7,1');

    node.last.freeze();

    (await node.opened(2, 8000)).deliver('7,1,0', 'back');
    assert.equal((await socket.next('message')).text, 'back');
  },

  'no sub-protocol is selected: the original dialect': async ({ sockets, client }) => {
    const node = await sockets(...original());
    const socket = await client({ url: node.url, token: 'a token', rooms: ['7,1'] });

    await socket.next('state', ({ state, dialect }) => state === 'open' && dialect === 'original');

    const connection = await node.opened(1);
    await until(() => connection.rooms.has('7,1'), () => `the room is expected: ${JSON.stringify(connection.received)}`);
    assert.equal(connection.token, 'a token');
    connection.deliver('7,1,0', '7,1,0 0\nhello');
    assert.equal((await socket.next('message')).text, '7,1,0 0\nhello');
    socket.send({ do: 'say', room: '7,1', text: 'hi', ref: 1 });
    assert.equal((await socket.next('message')).text, 'hi');
    assert.ok(node.attempts.length <= 4, `${node.attempts.length} attempts`);
    assert.ok(node.connections.every(({ received }) => !received.some(message => message.startsWith('auth '))));
  },

  'the original dialect: a gap when it is back in the room': async ({ sockets, client }) => {
    const node = await sockets(...original());
    const socket = await client({ url: node.url, rooms: ['7,1'] });
    await socket.next('state', ({ state }) => state === 'open');
    const first = await node.opened(1);
    await until(() => first.rooms.has('7,1'), () => 'the room is expected');
    await sleep(1500);
    assert.deepEqual(socket.drain().filter(({ event }) => event === 'gap'), [], 'nothing is missing at first');

    first.drop();

    const second = await node.opened(2);
    await socket.next('gap', ({ part }) => part === null || part === '7,1,0');
    assert.ok(second.rooms.has('7,1'), 'what is sent before the join would be missing after the gap');
    second.deliver('7,1,0', 'after');
    assert.equal((await socket.next('message')).text, 'after');
  },

  'close ends it for good': async ({ sockets, client }) => {
    const node = await sockets();
    const socket = await client({ url: node.url, rooms: ['7,1'] });
    await socket.joined('7,1');

    socket.send({ do: 'close' });

    await socket.state('closed');
    await sleep(500);
    assert.equal(node.attempts.length, 1, 'attempts');
    assert.ok([1000, 1005].includes(node.last.closed?.code), `a close frame is expected, got ${JSON.stringify(node.last.closed)}`);
  },
};

/** Says something on a connection that is cut off at the first try. It must be confirmed and delivered once, by two tries with one id. */
async function saidOnce(node, socket) {
  await socket.joined('7,1');
  socket.send({ do: 'say', room: '7,1', text: 'hello', ref: 1 });
  assert.equal((await socket.result(1)).code, undefined);
  assert.deepEqual(node.broadcasts.texts, ['hello']);
  const ids = node.connections.flatMap(({ lines }) => lines).filter(line => line.startsWith('say ')).map(line => / id=(\S+)/.exec(line)?.[1]);
  assert.equal(ids.length, 2, 'tries');
  assert.ok(ids[0]);
  assert.equal(ids[1], ids[0]);
}

const original = () => Array.from({ length: 1000 }, () => ({ selectsNothing: true }));

async function until(isTrue, what, timeoutMs = 10_000) {
  for (const end = performance.now() + timeoutMs; !isTrue(); await sleep(5)) {
    assert.ok(performance.now() < end, `within ${timeoutMs / 1000} s: ${what()}`);
  }
}

const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
