import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './support/clock.mjs';
import { Scene } from './support/gateway.mjs';

/** A client whose token callback records what it is asked. */
async function withTokens(options = {}) {
  const asked = [];
  const scene = new Scene({ token: async request => { asked.push(request.expired); return `token-${asked.length}`; }, ...options });
  await settle();
  await scene.socket.accept();
  await scene.socket.welcome();
  return { scene, asked };
}

test('the callback is called before every connection', async () => {
  const { scene, asked } = await withTokens();
  await scene.socket.end(1006);
  await (await scene.again()).accept();

  assert.deepEqual(asked, [false, false]);
  assert.equal(scene.socket.sent[0].split('\n')[0], 'auth token-2');
});

test('after 4009 it is told that the token is no longer good', async () => {
  const { scene, asked } = await withTokens();
  await scene.socket.end(4009);
  await (await scene.again()).accept();
  await scene.socket.welcome();
  await scene.socket.end(1006);
  await (await scene.again()).accept();

  assert.deepEqual(asked, [false, true, false]);
});

test('a user who has become anonymous gets one more token', async () => {
  const { scene, asked } = await withTokens();
  await scene.socket.end(1006);
  await (await scene.again()).accept();
  await scene.socket.receive('welcome -7 1 30');
  assert.ok(scene.socket.closedByClient);
  await (await scene.again()).accept();
  await scene.socket.welcome('-7');

  assert.deepEqual(asked, [false, false, true]);
  assert.equal(scene.client.state.state, 'open');
  assert.equal(scene.client.state.user, '-7');
});

test('another user, as with env=test, is accepted', async () => {
  const { scene, asked } = await withTokens();
  await scene.socket.end(1006);
  await (await scene.again()).accept();
  await scene.socket.welcome('43');

  assert.deepEqual(asked, [false, false]);
  assert.equal(scene.client.state.user, '43');
});

test('a callback that fails is an error event, and is called again after a wait', async () => {
  let calls = 0;
  const scene = new Scene({ backoff: { minMs: 100 }, token: () => { if (++calls < 3) throw new Error('no backend'); return 'good'; } });
  await settle();
  assert.deepEqual(scene.of('error').map(({ message }) => message), ['no backend']);
  await scene.clock.advance(100);
  assert.equal(calls, 2);
  await scene.clock.advance(200);
  await scene.socket.accept();

  assert.deepEqual(scene.socket.sent, ['auth good']);
});

for (const [what, bad] of [['with a line feed', 'a\njoin 9,9'], ['that is an error page', `<h1>${'x'.repeat(512)}`], ['that is not text', undefined]]) {
  test(`a token ${what} is not sent, and the callback is called again`, async () => {
    const tokens = [bad, 'good'];
    const scene = new Scene({ token: () => tokens.shift(), backoff: { minMs: 100 } });
    await settle();
    assert.deepEqual(scene.sockets, []);
    assert.match(scene.of('error')[0].message, /token.*512 bytes/);
    await scene.clock.advance(100);
    await scene.socket.accept();

    assert.deepEqual(scene.socket.sent, ['auth good']);
  });
}

test('a callback that never settles is given up', async () => {
  let calls = 0;
  const scene = new Scene({ token: () => ++calls === 1 ? new Promise(() => {}) : 'good', connectTimeoutMs: 5_000, backoff: { minMs: 100 } });
  await scene.clock.advance(5_000);
  assert.match(scene.of('error')[0].message, /token/);
  await scene.clock.advance(100);
  await scene.socket.accept();

  assert.deepEqual(scene.socket.sent, ['auth good']);
});
