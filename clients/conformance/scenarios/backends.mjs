// What every client for backends must do: calls of the HTTP API, repeats with ids, several gateways.
import assert from 'node:assert/strict';
import { accepted, answer, cut, hang, partly, problem, reset } from '../servers/scripted-gateway.mjs';

const notAccepted = (seconds = 1) => answer(503, problem(503, 'The topic has too many unsent bytes.'), { 'Retry-After': `${seconds}` });
const isDone = event => assert.equal(event.event, 'done', JSON.stringify(event));
const idsOf = gateway => gateway.requests.map(request => request.signals.map(signal => signal.id).join());

/** Sends one signal through a gateway that behaves in this way first. It must arrive once, by two tries with one id. */
const repeated = (step, { id, least = 0 } = {}) => async ({ gateway, client }) => {
  const node = await gateway(step);
  const backend = await client({ gateways: [node.url], timeoutSeconds: 1, totalSeconds: 10 });

  const event = await backend.call({ do: 'signal', part: '7,0,0', message: 'dinner', id });

  isDone(event);
  assert.equal(event.receipts[0].delivered, 1);
  assert.deepEqual(node.deliveries.messages, ['dinner']);
  assert.equal(node.requests.length, 2, 'tries');
  const [first, second] = idsOf(node);
  assert.ok(first, 'the first try has an id');
  assert.equal(second, first);
  if (id) assert.equal(first, id);
  const wait = node.requests[1].at - node.requests[0].at;
  assert.ok(wait >= least * 1000 - 20, `repeated after ${wait} ms, asked for ${least} s`);
};

/** The call is refused: one try, and an error that carries the status and what the gateway said. */
const refused = (status, more = {}) => async ({ gateway, client }) => {
  const node = await gateway(answer(status, problem(status, 'What is wrong.', more), status === 429 ? { 'Retry-After': '1' } : {}));
  const backend = await client({ gateways: [node.url], totalSeconds: 10 });

  const event = await backend.call({ do: 'signal', part: '7,0,0', message: 'dinner' });

  assert.equal(event.event, 'refused', JSON.stringify(event));
  assert.equal(event.status, status);
  assert.match(event.text, /What is wrong/);
  assert.equal(node.requests.length, 1, 'tries');
  return event;
};

/**
 * The gateway never accepts the signal, and asks for no wait. Limits of 1, 2, 4, 8 s, and a random part of each: 4 tries in 8 s are certain. With waits of
 * 1 s it would be 8, with random ones that do not grow about 16.
 */
const grows = step => async ({ gateway, client }) => {
  const node = await gateway(...Array.from({ length: 1000 }, () => step));
  const backend = await client({ gateways: [node.url], totalSeconds: 8 });

  const event = await backend.call({ do: 'signal', part: '7,0,0', message: 'dinner' });

  assert.equal(event.event, 'unavailable', JSON.stringify(event));
  assert.ok(node.requests.length >= 4 && node.requests.length <= 7, `${node.requests.length} tries in 8 s`);
};

/** The gateway redirects to another address. The client must not go there, because it would show the key to it, and a POST becomes a GET. */
const isRedirected = status => async ({ gateway, client }) => {
  const stranger = await gateway();
  const node = await gateway(...Array.from({ length: 3 }, () => answer(status, '', { Location: `${stranger.url}/!direct-signal?part=7,0,0&message=dinner` })));
  const backend = await client({ gateways: [node.url], totalSeconds: 3 });

  const event = await backend.call({ do: 'signal', part: '7,0,0', message: 'dinner' });

  assert.equal(event.event, 'refused', JSON.stringify(event));
  assert.equal(event.status, status);
  assert.deepEqual([node.requests.length, stranger.requests.length], [1, 0], 'requests to the gateway and to the other address');
};

/** A call of which the first answer has fields of other types. */
const asksAgain = (command, body, right, field, expected) => async ({ gateway, client }) => {
  const node = await gateway(answer(200, body), answer(200, right));
  const backend = await client({ gateways: [node.url], totalSeconds: 10 });

  const event = await backend.call(command);

  isDone(event);
  assert.deepEqual(event[field], expected);
  assert.equal(node.requests.length, 2, 'tries');
};

const ofProxy = { status: 'error', message: 'no' };

export const backendScenarios = {
  'a signal arrives unchanged, with the key': async ({ gateway, client }) => {
    const node = await gateway();
    const backend = await client({ gateways: [node.url], key: 'a-key-of-twenty-characters' });
    const message = 'a+b&c=d %41 "grüße" 👋\nsecond line\\';

    const event = await backend.call({ do: 'signal', part: '-9223372036854775808,0,9223372036854775807', message, id: 'a/b+c&d=%e' });

    isDone(event);
    assert.equal(event.receipts[0].id, 'a/b+c&d=%e');
    assert.deepEqual(node.deliveries.messages, [message]);
    assert.equal(node.requests[0].signals[0].part, '-9223372036854775808,0,9223372036854775807');
    assert.equal(node.requests[0].key, 'Bearer a-key-of-twenty-characters');
    assert.ok(!('key' in node.requests[0].query), 'the key is not in the URL');
  },

  'an empty message': async ({ gateway, client }) => {
    const node = await gateway();
    const backend = await client({ gateways: [node.url] });

    isDone(await backend.call({ do: 'signal', part: '7,0,0', message: '' }));

    assert.deepEqual(node.deliveries.messages, ['']);
  },

  'an array: receipts in order, an id for each': async ({ gateway, client }) => {
    const node = await gateway();
    const backend = await client({ gateways: [node.url] });
    const items = [{ part: '7,1,0', message: 'soup', id: 'soup-1' }, { part: '0,0,42', message: 'wash "up"\n' }, { part: '7,1,0', message: 'grüße' }];

    const event = await backend.call({ do: 'signals', items });

    isDone(event);
    assert.deepEqual(node.deliveries.messages, items.map(item => item.message));
    const ids = node.requests[0].signals.map(signal => signal.id);
    assert.deepEqual(event.receipts.map(receipt => receipt.id), ids);
    assert.equal(ids[0], 'soup-1');
    assert.equal(new Set(ids).size, 3, `three ids expected: ${ids}`);
    assert.ok(ids.every(Boolean));
  },

  'each call has another id': async ({ gateway, client }) => {
    const node = await gateway();
    const backend = await client({ gateways: [node.url] });

    for (let i = 0; i < 3; i++) isDone(await backend.call({ do: 'signal', part: '7,0,0', message: 'same' }));

    assert.equal(new Set(idsOf(node)).size, 3);
    assert.equal(node.deliveries.messages.length, 3);
  },

  'calls share a connection': async ({ gateway, client }) => {
    const node = await gateway();
    const backend = await client({ gateways: [node.url] });

    for (let i = 0; i < 5; i++) isDone(await backend.call({ do: 'signal', part: '7,0,0', message: `${i}` }));

    assert.deepEqual(node.requests.map(request => request.connection), [1, 1, 1, 1, 1]);
  },

  '202 is success, with what is pending': async ({ gateway, client }) => {
    const node = await gateway(answer(202, { id: 'x', delivered: 2, gateways: 1, pending: ['gateway-b'] }));
    const backend = await client({ gateways: [node.url] });

    const event = await backend.call({ do: 'signal', part: '7,0,0', message: 'dinner', id: 'x' });

    isDone(event);
    assert.deepEqual(event.receipts[0].pending, ['gateway-b']);
    assert.equal(event.receipts[0].delivered, 2);
    assert.equal(node.requests.length, 1, 'tries');
  },

  '503 is repeated after Retry-After': repeated(notAccepted(2), { least: 2 }),
  '503 is repeated with the id of the caller': repeated(notAccepted(), { id: 'order-1', least: 1 }),
  '503 with a Retry-After of a date': repeated(({ response, ...rest }) =>
    answer(503, problem(503, 'Later.'), { 'Retry-After': new Date(Date.now() + 2000).toUTCString() })({ response, ...rest })),
  'TCP ends before the signal was read': repeated(reset({ processed: false })),
  'TCP ends after the signal was delivered': repeated(reset({ processed: true })),
  'the answer ends in the middle': repeated(cut()),
  'no answer within the timeout': repeated(hang({ processed: false }), { least: 1 }),
  'no answer, but it was delivered': repeated(hang({ processed: true }), { least: 1 }),
  '500 is repeated': repeated(answer(500, problem(500, 'An error.'))),
  '502 of a load balancer, in HTML': repeated(answer(502, '<html><h1>Bad gateway</h1></html>')),
  '504 of a load balancer, in HTML': repeated(answer(504, '<html><h1>Gateway time-out</h1></html>')),
  '503 of a load balancer, without Retry-After': repeated(answer(503, '<html>no server</html>')),
  '200 that is not JSON': repeated(answer(200, 'Please log in')),
  '200 with JSON of something else': repeated(answer(200, { hello: 'world' })),

  '502 with the JSON of a proxy': repeated(answer(502, ofProxy)),
  '200 with the JSON of a proxy': repeated(answer(200, ofProxy)),
  '200 with counts that are not numbers': repeated(answer(200, { id: 'x', delivered: 'all', gateways: 'all', pending: 'none' })),
  '403 with the JSON of a proxy is not repeated': async ({ gateway, client }) => {
    const node = await gateway(answer(403, ofProxy));
    const backend = await client({ gateways: [node.url], totalSeconds: 10 });

    const event = await backend.call({ do: 'signal', part: '7,0,0', message: 'dinner' });

    assert.equal(event.event, 'refused', JSON.stringify(event));
    assert.equal(event.status, 403);
    assert.equal(node.requests.length, 1, 'tries');
  },
  '409 with the JSON of a proxy is not repeated': async ({ gateway, client }) => {
    const node = await gateway(answer(409, { status: 'error', detail: ['no'], delivered: 'none', pending: {} }));
    const backend = await client({ gateways: [node.url], totalSeconds: 10 });

    const event = await backend.call({ do: 'signal', part: '7,0,0', message: 'dinner' });

    assert.equal(event.event, 'refused', JSON.stringify(event));
    assert.equal(event.status, 409);
    assert.equal(node.requests.length, 1, 'tries');
  },
  'an array with the JSON of a proxy': async ({ gateway, client }) => {
    const node = await gateway(answer(200, ofProxy), answer(200, [ofProxy]), answer(200, [{ status: 200, id: 'x', delivered: 'all', gateways: 1 }]));
    const backend = await client({ gateways: [node.url], totalSeconds: 20 });

    const event = await backend.call({ do: 'signals', items: [{ part: '7,1,0', message: 'one' }] });

    isDone(event);
    assert.deepEqual(event.receipts.map(receipt => [receipt.status, receipt.delivered]), [[200, 1]]);
    assert.equal(node.requests.length, 4, 'tries');
    assert.deepEqual(node.deliveries.messages, ['one']);
  },
  'users, and first the JSON of a proxy': asksAgain(
    { do: 'users', part: '7,0,0' }, { users: [{ user: 'x' }], next: 1, complete: true, missing: [] }, { users: [], next: null, complete: true, missing: [] }, 'users', []),
  'close, and first the JSON of a proxy': asksAgain({ do: 'close', part: '7,0,0', code: 4500, reason: '' }, { closed: 'yes', gateways: 1 }, { closed: 2, gateways: 1 }, 'closed', 2),

  '307 is not followed': isRedirected(307),
  '308 is not followed': isRedirected(308),
  '302 is not followed': isRedirected(302),

  'waits between tries grow': grows(answer(500, problem(500, 'An error.'))),
  'waits between tries grow, with a Retry-After of 0': grows(notAccepted(0)),
  'waits between tries are random': async ({ gateway, client }) => {
    const waits = [];
    for (let i = 0; i < 6; i++) {
      const node = await gateway(answer(500, problem(500, 'An error.')));
      const backend = await client({ gateways: [node.url], totalSeconds: 10 });
      isDone(await backend.call({ do: 'signal', part: '7,0,0', message: 'dinner' }));
      waits.push(node.requests[1].at - node.requests[0].at);
    }

    const spread = Math.max(...waits) - Math.min(...waits);
    assert.ok(spread > 150, `waits of ${waits.map(Math.round)} ms`);
  },

  'a slow answer is waited for': async ({ gateway, client }) => {
    const node = await gateway(accepted({ afterMs: 1500 }));
    const backend = await client({ gateways: [node.url], timeoutSeconds: 5 });

    isDone(await backend.call({ do: 'signal', part: '7,0,0', message: 'dinner' }));

    assert.equal(node.requests.length, 1, 'tries');
  },

  '503 inside an array is repeated': async ({ gateway, client }) => {
    const node = await gateway(partly(1));
    const backend = await client({ gateways: [node.url], totalSeconds: 10 });

    const event = await backend.call({ do: 'signals', items: ['one', 'two', 'three'].map(message => ({ part: '7,1,0', message })) });

    isDone(event);
    assert.deepEqual(event.receipts.map(receipt => receipt.status), [200, 200, 200]);
    assert.equal(node.requests.length, 2, 'tries');
    // The whole array, or only what was not accepted: with the same ids.
    const [first, second] = node.requests.map(request => request.signals);
    assert.ok(second.some(signal => signal.message === 'two'));
    assert.ok(second.every(signal => first.some(before => before.id === signal.id && before.message === signal.message)), JSON.stringify(second));
    assert.deepEqual([...node.deliveries.messages].sort(), ['one', 'three', 'two']);
  },

  '503 inside an array, at every try': async ({ gateway, client }) => {
    const node = await gateway(...Array.from({ length: 20 }, () => answer(200, [
      { type: 'about:blank', title: 'Not accepted', status: 503, detail: 'No room.', id: 'never' },
    ], { 'Retry-After': '1' })));
    const backend = await client({ gateways: [node.url], totalSeconds: 3 });

    const event = await backend.call({ do: 'signals', items: [{ part: '7,1,0', message: 'one', id: 'never' }] });

    // An exception names the signal, and what the gateway said about it; a result has the receipts.
    assert.ok(['unavailable', 'done'].includes(event.event), JSON.stringify(event));
    assert.deepEqual(event.receipts.map(receipt => [receipt.id, receipt.status, receipt.detail]), [['never', 503, 'No room.']]);
    if (event.event === 'unavailable') {
      assert.equal(event.status, 503);
      assert.match(event.text, /never.*No room/);
    }
    assert.ok(node.requests.length >= 2, `${node.requests.length} tries`);
  },

  'an array of more than 1,000 signals': async ({ gateway, client }) => {
    const node = await gateway(answer(503, problem(503, 'Later.'), { 'Retry-After': '1' }));
    const backend = await client({ gateways: [node.url], totalSeconds: 20 });
    const items = Array.from({ length: 2001 }, (_, i) => ({ part: '7,1,0', message: `${i}`, id: `id-${i}` }));

    const event = await backend.call({ do: 'signals', items });

    isDone(event);
    assert.deepEqual(event.receipts.map(receipt => receipt.id), items.map(item => item.id));
    assert.deepEqual(node.deliveries.messages, items.map(item => item.message));
    assert.deepEqual(node.requests.map(request => request.signals.length), [1000, 1000, 1000, 1]);
  },

  'an array of more than 4 MiB': async ({ gateway, client }) => {
    const node = await gateway();
    const backend = await client({ gateways: [node.url], totalSeconds: 20 });
    const items = Array.from({ length: 70 }, (_, i) => ({ part: '7,1,0', message: `${i} ${'x'.repeat(65_000)}` }));

    const event = await backend.call({ do: 'signals', items });

    isDone(event);
    assert.equal(event.receipts.length, 70);
    assert.deepEqual(node.deliveries.messages, items.map(item => item.message));
    assert.ok(node.requests.every(({ body }) => Buffer.byteLength(body) <= 4 * 1024 * 1024), 'at most 4 MiB in a request');
  },

  '409 inside an array: the others are done': async ({ gateway, client }) => {
    const node = await gateway();
    const backend = await client({ gateways: [node.url], totalSeconds: 10 });
    isDone(await backend.call({ do: 'signal', part: '7,1,0', message: 'first', id: 'used' }));

    const event = await backend.call({ do: 'signals', items: [{ part: '7,1,0', message: 'other', id: 'used' }, { part: '7,1,0', message: 'second' }] });

    isDone(event);
    assert.deepEqual(event.receipts.map(receipt => receipt.status), [409, 200]);
    assert.equal(node.requests.length, 2, 'requests');
  },

  '400 is not repeated': refused(400),
  '401 is not repeated': refused(401),
  '403 is not repeated': refused(403),
  '413 is not repeated': refused(413),
  '429 is not repeated': refused(429),
  '409 is not repeated, and says who got it': async world => {
    const event = await refused(409, { delivered: 3, gateways: 1 })(world);
    assert.equal(event.receipts[0].delivered, 3);
  },

  'a whole array that is refused': async ({ gateway, client }) => {
    const node = await gateway(answer(400, problem(400, 'Item 1: no part.')));
    const backend = await client({ gateways: [node.url], totalSeconds: 10 });

    const event = await backend.call({ do: 'signals', items: [{ part: '7,1,0', message: 'one' }] });

    assert.equal(event.event, 'refused');
    assert.match(event.text, /Item 1/);
    assert.equal(node.requests.length, 1, 'tries');
  },

  'the total time ends the tries': async ({ gateway, client }) => {
    const node = await gateway(...Array.from({ length: 20 }, () => notAccepted(1)));
    const backend = await client({ gateways: [node.url], timeoutSeconds: 2, totalSeconds: 3 });
    const start = performance.now();

    const event = await backend.call({ do: 'signal', part: '7,0,0', message: 'dinner' });

    assert.equal(event.event, 'unavailable', JSON.stringify(event));
    assert.equal(event.status, 503);
    assert.ok(performance.now() - start < 4500, `it took ${performance.now() - start} ms of 3 s`);
    assert.ok(node.requests.length >= 2, `${node.requests.length} tries`);
  },

  'a try that hangs ends with the total time': async ({ gateway, client }) => {
    const node = await gateway(hang({ processed: false }), hang({ processed: false }));
    const backend = await client({ gateways: [node.url], timeoutSeconds: 1.5, totalSeconds: 2 });
    const start = performance.now();

    const event = await backend.call({ do: 'signal', part: '7,0,0', message: 'dinner' });

    assert.equal(event.event, 'unavailable', JSON.stringify(event));
    assert.ok(performance.now() - start < 3500, `it took ${performance.now() - start} ms of 2 s`);
  },

  'a gateway that is not there: the next one': async ({ gateway, client }) => {
    const [gone, node] = [await gateway(), await gateway()];
    gone.close();
    const backend = await client({ gateways: [gone.url, node.url], totalSeconds: 10 });

    isDone(await backend.call({ do: 'signal', part: '7,0,0', message: 'one' }));
    isDone(await backend.call({ do: 'signal', part: '7,0,0', message: 'two' }));

    assert.deepEqual(node.deliveries.messages, ['one', 'two']);
  },

  'a gateway that does not accept: the next one, with the same id': async ({ gateway, client }) => {
    const nodes = [await gateway(notAccepted()), await gateway()];
    [nodes[1].steps, nodes[1].deliveries] = [nodes[0].steps, nodes[0].deliveries]; // the client begins with either
    const backend = await client({ gateways: nodes.map(node => node.url), totalSeconds: 10 });

    isDone(await backend.call({ do: 'signal', part: '7,0,0', message: 'dinner' }));

    assert.deepEqual(nodes.map(node => node.requests.length), [1, 1], 'tries at each gateway');
    assert.deepEqual(idsOf(nodes[0]), idsOf(nodes[1]));
    assert.deepEqual(nodes[0].deliveries.messages, ['dinner']);
  },

  'a connection that the gateway has closed meanwhile': async ({ gateway, client }) => {
    const node = await gateway();
    const backend = await client({ gateways: [node.url], totalSeconds: 10 });
    isDone(await backend.call({ do: 'signal', part: '7,0,0', message: 'one' }));
    node.disconnect();

    isDone(await backend.call({ do: 'signal', part: '7,0,0', message: 'two' }));

    assert.deepEqual(node.deliveries.messages, ['one', 'two']);
  },

  'users, with ids beyond 2^53': async ({ gateway, client }) => {
    const rows = '{"users":[{"user":-9223372036854775808,"group":9007199254740993,"channel":9223372036854775807,"connections":2}],"next":null,"complete":true,"missing":[]}';
    const node = await gateway(({ response }) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(rows));
    const backend = await client({ gateways: [node.url] });

    const event = await backend.call({ do: 'users', part: '9007199254740993,0,0' });

    isDone(event);
    assert.deepEqual(event.users, [{ user: '-9223372036854775808', group: '9007199254740993', channel: '9223372036854775807', connections: 2 }]);
    assert.equal(node.requests[0].path, '/!direct-users');
    assert.equal(node.requests[0].query.part, '9007199254740993,0,0');
  },

  'count': async ({ gateway, client }) => {
    const node = await gateway(answer(200, { connections: 5, users: 3, gateways: 2, complete: false, missing: ['gateway-b'] }));
    const backend = await client({ gateways: [node.url] });

    const event = await backend.call({ do: 'count', part: '7,0,0' });

    isDone(event);
    assert.deepEqual(event.count, { connections: 5, users: 3, gateways: 2, complete: false, missing: ['gateway-b'] });
    assert.equal(node.requests[0].path, '/!direct-users');
    assert.deepEqual(node.requests[0].query, { part: '7,0,0', count: '1' });
  },

  'close is repeated after 503': async ({ gateway, client }) => {
    const node = await gateway(answer(503, problem(503, 'gateway-b did not answer.'), { 'Retry-After': '1' }), answer(200, { closed: 2, gateways: 1 }));
    const backend = await client({ gateways: [node.url], totalSeconds: 10 });

    const event = await backend.call({ do: 'close', part: '0,0,42', code: 4999, reason: 'banned & gone' });

    isDone(event);
    assert.equal(event.closed, 2);
    const { query, body, path } = node.requests[1];
    assert.equal(path, '/!direct-close');
    assert.deepEqual({ ...query, ...Object.fromEntries(new URLSearchParams(body)) }, { part: '0,0,42', code: '4999', reason: 'banned & gone' });
  },

  'recheck': async ({ gateway, client }) => {
    const node = await gateway(answer(200, { checked: 5, removed: 1, gateways: 2 }));
    const backend = await client({ gateways: [node.url] });

    const event = await backend.call({ do: 'recheck', part: '7,0,42' });

    isDone(event);
    assert.deepEqual(event.recheck, { checked: 5, removed: 1, gateways: 2 });
    assert.equal(node.requests[0].path, '/!direct-recheck');
  },
};
