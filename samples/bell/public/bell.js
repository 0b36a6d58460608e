import { connect } from '/client.js';

const $ = id => document.getElementById(id);
let notifications = new Map(), seen = 0, isStale = false, isFetching = false;

const { url } = await fetch('/settings').then(response => response.json());
const client = connect(url, { shared: true, dialect: 'direct.2' }); // all tabs of the user have one connection
client.on('state', ({ state, user }) => {
  $('state').textContent = state === 'open' ? `connected as user ${user}` : state;
  $('command').textContent = `curl -d 'user=${user ?? ''}' -d 'text=Your order is ready' ${location.origin}/notify`;
  if (state === 'open') reload();
});
client.on('gap', reload); // something may be missing: fetch the state, and go on
client.on('message', ({ text }) => { // the backend has signalled the user
  const notification = JSON.parse(text);
  notifications.set(notification.id, notification);
  draw();
});

async function reload() { // once for all gaps, and again after a gap meanwhile
  isStale = true;
  if (isFetching || client.state.state !== 'open') return;
  isFetching = true;
  while (isStale) {
    isStale = false;
    const kept = await fetch(`/notifications?user=${client.state.user}`).then(response => response.json()).catch(() => setTimeout(reload, 1000) && []);
    notifications = new Map([...kept.map(notification => [notification.id, notification]), ...notifications]);
  }
  isFetching = false;
  draw();
}

function draw() {
  const count = Math.max(0, notifications.size - seen);
  $('count').textContent = count || '';
  $('bell').setAttribute('aria-label', `Notifications, ${count} new`);
  $('list').replaceChildren(...[...notifications.values()].reverse().map(({ text }) => Object.assign(document.createElement('li'), { textContent: text })));
}

$('bell').onclick = () => {
  $('list').hidden = !$('list').hidden;
  seen = notifications.size;
  draw();
};
$('notify').onclick = () => fetch('/notify', { method: 'POST', body: new URLSearchParams({ user: client.state.user, text: `Ring at ${new Date().toLocaleTimeString()}` }) });
draw();
