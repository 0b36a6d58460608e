// A gateway that answers calls of backends as a test says: those that a healthy gateway has no reason to send, or none at all.
import { createServer } from 'node:http';
import { once } from 'node:events';

/** What several scripted gateways share: the signals that they have delivered, each id once. */
export class Deliveries {
  #byId = new Map();
  /** The messages in the order in which they were delivered. */
  messages = [];

  /** Delivers a signal unless its id is known, and returns the receipt of it as the real API does. */
  take({ part, message, id }) {
    const content = `${part} ${message}`;
    if (id === undefined || !this.#byId.has(id)) {
      this.messages.push(message);
      if (id !== undefined) this.#byId.set(id, content);
    } else if (this.#byId.get(id) !== content) {
      return { type: 'about:blank', title: 'Conflict', status: 409, detail: `The id '${id}' was used for another part or message.`, id, delivered: 0, gateways: 0 };
    }
    return { id: id ?? 'generated', delivered: 1, gateways: 1, status: 200 };
  }
}

/**
 * One gateway. Each request takes the next step; when none is left, requests are answered as by a healthy gateway. Steps:
 *   answer(status, body, headers)   an answer without effect
 *   accepted({ afterMs })           as a healthy gateway
 *   partly(index)                   an array is delivered except for one item, whose status is 503
 *   reset({ processed })            TCP ends with RST, before or after the signals were delivered
 *   cut()                           the signals are delivered, the answer ends in the middle
 *   hang({ processed })             no answer
 */
export class ScriptedGateway {
  /** { method, path, query, body, signals, connection, at } of each request. */
  requests = [];
  #server = createServer((request, response) => this.#serve(request, response));
  #connections = new Map();

  constructor(steps = [], deliveries = new Deliveries()) {
    this.steps = steps;
    this.deliveries = deliveries;
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on('connection', socket => {
      this.#connections.set(socket, this.#connections.size + 1);
      socket.on('error', () => { /* the client has reset it */ });
    });
  }

  async listen(port = 0) {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  close() {
    this.#server.close();
    this.disconnect();
  }

  /** Ends all connections. */
  disconnect() {
    for (const socket of this.#connections.keys()) socket.destroy();
  }

  async #serve(request, response) {
    let body = '';
    request.setEncoding('utf8');
    try {
      for await (const chunk of request) body += chunk;
    } catch {
      return; // the client has left
    }

    const { pathname, searchParams } = new URL(request.url, this.url);
    const query = Object.fromEntries(searchParams);
    const record = {
      method: request.method, path: decodeURIComponent(pathname), query, body, key: request.headers.authorization,
      signals: signalsOf(request, query, body), isArray: isArray(request), connection: this.#connections.get(request.socket), at: performance.now(),
    };
    this.requests.push(record);
    const step = this.steps.shift() ?? accepted();
    await step({ record, response, socket: request.socket, deliveries: this.deliveries });
  }
}

export const answer = (status, body, headers = {}) => ({ response }) => send(response, status, body, headers);

export const accepted = ({ afterMs = 0 } = {}) => async ({ record, response, deliveries }) => {
  const receipts = record.signals.map(signal => deliveries.take(signal));
  await sleep(afterMs);
  if (!record.isArray) {
    send(response, receipts[0].status, receipts[0]);
  } else {
    send(response, 200, receipts);
  }
};

export const partly = index => ({ record, response, deliveries }) => send(response, 200, record.signals.map((signal, i) => i === index
  ? { type: 'about:blank', title: 'Not accepted', status: 503, detail: 'No room.', id: signal.id }
  : deliveries.take(signal)), { 'Retry-After': '1' });

export const reset = ({ processed }) => ({ record, socket, deliveries }) => {
  if (processed) record.signals.forEach(signal => deliveries.take(signal));
  socket.resetAndDestroy();
};

export const cut = () => ({ record, socket, deliveries }) => {
  record.signals.forEach(signal => deliveries.take(signal));
  socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{"id":"', () => socket.destroy());
};

export const hang = ({ processed }) => ({ record, deliveries }) => {
  if (processed) record.signals.forEach(signal => deliveries.take(signal));
};

export const problem = (status, detail, more = {}) => ({ type: 'about:blank', title: 'Scripted', status, detail, ...more });

function send(response, status, body, headers = {}) {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'Content-Type': isText ? 'text/html' : status < 300 ? 'application/json' : 'application/problem+json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
}

// What the request asks to send, in whichever of the documented forms it has.
function signalsOf(request, query, body) {
  const type = request.headers['content-type'] ?? '';
  if (isArray(request)) return JSON.parse(body);
  if (type.startsWith('application/x-www-form-urlencoded')) return [{ ...query, ...Object.fromEntries(new URLSearchParams(body)) }];
  return [{ ...query, message: request.method === 'POST' && body !== '' ? body : query.message ?? '' }];
}

const isArray = request => (request.headers['content-type'] ?? '').startsWith('application/json');

const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
