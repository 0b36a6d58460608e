'use strict';

// What every part uses: elements, numbers, calls to the gateway. Text is only ever set as text, never as HTML.

const byId = id => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

const count = value => Math.round(value).toLocaleString('en');
const plural = (value, noun) => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

function rate(value) {
  if (value === null) return '–';
  return value >= 10 || value === 0 ? count(value) : value.toFixed(1);
}

function bytes(value) {
  if (value < 1024) return `${count(value)} B`;
  return value < 1024 * 1024 ? `${(value / 1024).toFixed(1)} KiB` : `${(value / 1024 / 1024).toFixed(1)} MiB`;
}

function milliseconds(value) {
  if (value === null) return '–';
  return value < 10 ? `${value.toFixed(1)} ms` : `${count(value)} ms`;
}

function duration(seconds) {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min` : `${Math.floor(seconds / 86400)} d ${Math.floor(seconds % 86400 / 3600)} h`;
}

const timeOfDay = () => new Date().toLocaleTimeString('en-GB') + '.' + String(new Date().getMilliseconds()).padStart(3, '0');

// The key lives in this variable and nowhere else: not in a URL, a cookie or the storage of the browser.
let signalKey = '';

const headers = () => signalKey === '' ? {} : { Authorization: `Bearer ${signalKey}` };

// Resolves to the status and the JSON of the answer; status 0 when there was none.
async function call(path, options = {}) {
  try {
    const answer = await fetch(path, {
      ...options, headers: { ...headers(), ...options.headers }, cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(10000),
    });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch {
    return { status: 0, body: null };
  }
}

const isRefused = status => status === 401 || status === 403 || status === 429;

function problemOf(answer) {
  if (answer.status === 0) return 'No answer: the gateway cannot be reached.';
  return `${answer.status}: ${answer.body?.detail ?? 'no detail'}`;
}

// A table whose cells have labels, because on a narrow screen the header is not seen. The roles stay when CSS makes blocks of the rows.
function table(caption, columns, rows) {
  const head = element('tr', { role: 'row' }, ...columns.map(column =>
    element('th', { role: 'columnheader', scope: 'col', class: column.end ? 'end' : null }, column.name)));
  const body = rows.map(cells => element('tr', { role: 'row' }, ...cells.map((cell, i) => i === 0
    ? element('th', { role: 'rowheader', scope: 'row' }, ...[cell].flat())
    : element('td', { role: 'cell', 'data-label': columns[i].isQuiet ? null : columns[i].name, class: columns[i].end ? 'end' : null }, ...[cell].flat()))));
  return element('table', { role: 'table', 'aria-label': caption },
    element('thead', { role: 'rowgroup' }, head), element('tbody', { role: 'rowgroup' }, ...body));
}

// Replaces what a place shows, but not under the focus of somebody who uses the keyboard there.
function show(place, ...content) {
  if (!place.contains(document.activeElement)) place.replaceChildren(...content);
}

const nothing = text => element('p', { class: 'empty' }, text);

// A screen reader gets one sentence at a time, and at most one every two seconds.
function announcer(place) {
  let next = '', isWaiting = false;
  const speak = () => {
    isWaiting = next !== '';
    if (isWaiting) {
      place.textContent = next;
      next = '';
      setTimeout(speak, 2000);
    }
  };
  return text => {
    next = text;
    if (!isWaiting) speak();
  };
}

const announce = announcer(byId('news'));
