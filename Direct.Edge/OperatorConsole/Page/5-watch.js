// The live view: reads /!direct-watch as it comes. EventSource would need the key in the URL, so this is fetch.

const watchEvents = new Log(byId('watch-events'));
let watching = null; // what ends the call

// Rows by gateway and connection.
let watched = new Map();
const take = row => ({ ...row, openedAt: performance.now() - row.openSeconds * 1000 });
const rowKey = row => `${row.gateway} ${row.id}`;
const nameOf = row => `${row.gateway} #${row.id} (${row.target})`;

const handlers = {
  snapshot(data) {
    watched = new Map(data.connections.map(row => [rowKey(row), take(row)]));
    if (data.more) watchEvents.add('more', 'There are more connections than are shown.');
    watchEvents.add('snapshot', plural(watched.size, 'connection'));
  },
  joined(row) {
    watched.set(rowKey(row), take(row));
    watchEvents.add('joined', nameOf(row));
  },
  changed(row) {
    watched.set(rowKey(row), take(row));
    watchEvents.add('changed', `${nameOf(row)}, queue ${bytes(row.queuedBytes)}`);
  },
  left(row) {
    watched.delete(rowKey(row));
    watchEvents.add('left', nameOf(row));
  },
  ended(row) {
    watched.delete(rowKey(row));
    watchEvents.add('ended', `${nameOf(row)}: ${row.reason}${row.code === 0 ? '' : ` (${row.code})`}`);
  },
  message(data) {
    watchEvents.add('message', `${data.gateway}, to ${data.target}: ${plural(data.bytes, 'byte')}, SHA-256 ${data.hash}…, ${plural(data.delivered, 'connection')}`);
  },
  gateways(data) {
    if (!data.known) watchEvents.add('gateways', 'Which gateways live cannot be told now.');
    else watchEvents.add('gateways', data.missing.length === 0 ? 'All gateways answer.' : `No answer from ${data.missing.join(', ')}.`);
  },
  skipped(data) {
    watchEvents.add('skipped', `${plural(data.events, 'event')} left out: too many in a second.`);
  },
  end(data) {
    byId('watch-state').textContent = `Ended: ${data.reason}.`;
  },
};

function showWatched() {
  const rows = [...watched.values()];
  show(byId('watched'), rows.length === 0 ? nothing('No connection matches.') : table('Watched connections',
    [{ name: 'Connection' }, { name: 'User', end: true }, { name: 'Group', end: true }, { name: 'Channel', end: true }, { name: 'Open for', end: true }, { name: 'Queue', end: true }],
    rows.map(row => {
      const [group, channel, user] = row.target.split(',');
      return [[element('span', { class: `key ${styleOf(row.gateway)}`, 'aria-hidden': 'true' }), `${row.gateway} #${row.id}`], user, group, channel, duration((performance.now() - row.openedAt) / 1000), bytes(row.queuedBytes)];
    })));
}

// Server-sent events: blocks of "event:" and "data:" lines with an empty line between.
async function readEvents(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (event !== undefined && data !== undefined) handlers[event]?.(JSON.parse(data));
    }
    showWatched();
  }
}

function setWatching(isWatching) {
  byId('watch-start').disabled = isWatching;
  byId('watch-stop').disabled = !isWatching;
}

byId('watch-form').addEventListener('submit', async event => {
  event.preventDefault();
  if (watching !== null) return;
  watching = new AbortController();
  setWatching(true);
  const seconds = byId('watch-seconds').value, part = byId('watch-part').value;
  const messages = byId('watch-messages').checked ? '&messages=1' : '';
  byId('watch-state').textContent = `Watching ${part} for ${seconds} s.`;
  try {
    const answer = await fetch(`/!direct-watch?part=${encodeURIComponent(part)}&seconds=${seconds}${messages}`,
      { headers: headers(), cache: 'no-store', credentials: 'omit', signal: watching.signal });
    if (answer.status === 200) {
      const state = byId('watch-state').textContent;
      await readEvents(answer.body);
      if (byId('watch-state').textContent === state) byId('watch-state').textContent = 'Ended.';
    } else byId('watch-state').textContent = problemOf({ status: answer.status, body: await answer.json().catch(() => null) });
  } catch {
    byId('watch-state').textContent = watching.signal.aborted ? 'Stopped.' : 'Ended: the connection to the gateway was lost.';
  }
  watching = null;
  setWatching(false);
});
byId('watch-stop').addEventListener('click', () => watching?.abort());

poll();
