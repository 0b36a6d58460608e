// The state of the cluster, polled from /!direct-cluster while the tab is visible.

const pollMs = 2000;
const goneForMs = 5 * 60 * 1000;

const sum = values => values.reduce((all, value) => all + value, 0);
const charts = {
  connections: new Chart('Connections', count, sum),
  deliveries: new Chart('Deliveries per second', rate, sum),
  queues: new Chart('Waiting in queues', bytes, sum),
  latency: new Chart('Signal latency', milliseconds, values => Math.max(...values)),
};

const seen = new Map(); // by the name of a gateway: its last row, and when it came
let previous = null;
let isStopped = false; // no more calls: each refused one counts against this address
let isPolling = false;
let pollTimer = null;

function canaryOf(gateway) {
  const good = gateway.canaries.filter(canary => canary.ok);
  return good.length === 0 ? null : Math.max(...good.map(canary => canary.latencyMs));
}

// What a counter has grown by since the last poll, per second; null at first, and when the gateway was started anew.
function growth(gateway, field, at) {
  const before = previous?.gateways.get(gateway.name);
  if (before === undefined || gateway[field] < before[field] || gateway.upSeconds < before.upSeconds) return null;
  return (gateway[field] - before[field]) * 1000 / (at - previous.at);
}

function showCluster(body, at) {
  const now = body.gateways.map(gateway => ({
    ...gateway, deliveryRate: growth(gateway, 'deliveries', at), signalRate: growth(gateway, 'signals', at), latency: canaryOf(gateway),
  }));
  const byName = field => new Map(now.map(gateway => [gateway.name, gateway[field]]));
  charts.connections.add(byName('connections'));
  charts.deliveries.add(byName('deliveryRate'));
  charts.queues.add(byName('queuedBytes'));
  charts.latency.add(byName('latency'));
  showGateways(now, body.missing, at);
  show(byId('silos'), body.silos.length === 0 ? nothing('This node runs without silos.') : table('Silos',
    [{ name: 'Silo' }, { name: 'State' }, { name: 'Version' }],
    body.silos.map(silo => [silo.name, stateOf(silo.status, silo.status === 'Active' ? 'good' : 'warn'), silo.version ?? 'unknown'])));
  showTopics(body.topics);
  byId('status').textContent = body.complete ? `Live, answered by ${body.answeredBy}` : `Live, answered by ${body.answeredBy}; no answer from ${body.missing.join(', ')}`;
  previous = { at, gateways: new Map(body.gateways.map(gateway => [gateway.name, gateway])) };
}

const stateOf = (text, kind) => element('span', { class: `state ${kind}` }, text);
const stateKinds = { serving: 'good', draining: 'warn', degraded: 'warn', unresponsive: 'bad' };

function showGateways(now, missing, at) {
  for (const name of missing.filter(name => !now.some(gateway => gateway.name === name))) {
    change(name, 'no answer', seen.get(name)?.row, at, seen.get(name)?.at ?? at);
  }
  for (const gateway of now) change(gateway.name, gateway.state, gateway, at, at);
  for (const [name, known] of seen) {
    if (known.round !== at) change(name, 'gone', known.row, at, known.at);
    if (at - known.at > goneForMs) seen.delete(name);
  }

  const columns = [{ name: 'Gateway' }, { name: 'State' }, { name: 'Version' }, { name: 'Lease', end: true }, { name: 'Connections', end: true },
    { name: 'Deliveries/s', end: true }, { name: 'Signals/s', end: true }, { name: 'Queue', end: true }, { name: 'Signal latency', end: true }, { name: 'Up', end: true }];
  const rows = [...seen.values()].sort((left, right) => left.name < right.name ? -1 : 1).map(({ name, state, row, at: heardAt, round }) => {
    const title = [element('span', { class: `key ${styleOf(name)}`, 'aria-hidden': 'true' }), name];
    if (state === 'no answer' || state === 'gone') {
      const since = `${state}, last seen ${duration((round - heardAt) / 1000)} ago`;
      return [title, stateOf(since, 'bad'), row?.version ?? '–', '–', '–', '–', '–', '–', '–', '–'];
    }
    return [title, stateOf(state, stateKinds[state] ?? 'warn'), row.version, row.leaseSeconds === null ? 'none' : `${row.leaseSeconds.toFixed(1)} s`,
      count(row.connections), rate(row.deliveryRate), rate(row.signalRate), bytes(row.queuedBytes), latencyOf(row), duration(row.upSeconds)];
  });
  show(byId('gateways'), table('Gateways', columns, rows));
}

function latencyOf(gateway) {
  const failed = gateway.canaries.filter(canary => !canary.ok).map(canary => canary.silo);
  if (failed.length > 0) return element('span', { class: 'bad' }, `lost through ${failed.join(', ')}`);
  return gateway.canaries.length === 0 ? '–' : milliseconds(gateway.latency);
}

// Remembers a gateway, and says aloud that its state is another.
function change(name, state, row, round, at) {
  const before = seen.get(name);
  if (before !== undefined && before.state !== state) announce(`Gateway ${name}: ${state}`);
  seen.set(name, { name, state, row, round, at });
}

function showTopics(topics) {
  if (topics.length === 0) {
    show(byId('topics'), nothing('Nobody has joined anything.'));
    return;
  }
  show(byId('topics'), table('Largest topics', [{ name: 'Target' }, { name: 'Connections', end: true }, { name: 'Actions', end: true, isQuiet: true }], topics.map(topic => {
    const explain = element('button', { type: 'button', 'aria-label': `Explain ${topic.target}` }, 'Explain');
    explain.addEventListener('click', () => {
      byId('part').value = topic.target;
      explainTarget();
    });
    return [topic.target, count(topic.connections), explain];
  })));
}

async function poll() {
  clearTimeout(pollTimer);
  if (isStopped || isPolling) return;
  if (document.hidden) {
    byId('status').textContent = 'Paused while this tab is hidden';
    return;
  }
  isPolling = true;
  const key = signalKey;
  const answer = await call('/!direct-cluster?topics=8');
  isPolling = false;
  if (answer.status === 200 && answer.body !== null) {
    showCluster(answer.body, performance.now());
  } else {
    byId('status').textContent = problemOf(answer);
    isStopped = isRefused(answer.status) && key === signalKey; // another key may have been given meanwhile
    if (isStopped) byId('key').focus();
  }
  clearTimeout(pollTimer);
  if (!isStopped) pollTimer = setTimeout(poll, pollMs);
}

document.addEventListener('visibilitychange', poll);
byId('key-form').addEventListener('submit', event => {
  event.preventDefault();
  signalKey = byId('key').value;
  byId('key').value = '';
  byId('key-hint').textContent = signalKey === '' ? 'No key is used.' : 'A key is in use. It is kept in the memory of this page only.';
  isStopped = false;
  poll();
});
