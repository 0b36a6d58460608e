// Sends a number to the room 7,1 ten times a second, serves the page, and kills and starts gateways. samples/resume/start starts it.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const direct = process.env.DIRECT_URL;
const path = relative => fileURLToPath(new URL(relative, import.meta.url));
const local = async (script, ...words) => (await promisify(execFile)(path(`../../deploy/local/${script}`), words)).stdout;

const files = {
  '/': ['public/index.html', 'text/html'],
  '/resume.js': ['public/resume.js', 'text/javascript'],
  '/client.js': ['../../clients/js/dist/client.js', 'text/javascript'],
};
let next = 1;
const calls = {
  'GET /settings': () => JSON.stringify({ url: `${direct.replace('http', 'ws')}/!direct` }),
  'GET /next': () => `${next}`,
  'POST /kill': kill,
  'POST /start': start,
};

createServer(async (request, response) => {
  const [file, type = 'text/plain'] = files[request.url] ?? [];
  const call = calls[`${request.method} ${request.url}`];
  if (!file && !call) return response.writeHead(404).end();
  try {
    const body = file ? await readFile(path(file)) : await call();
    response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8` }).end(body);
  } catch (error) {
    response.writeHead(500).end(error.message);
  }
}).listen(Number(process.env.PORT), 'localhost');

// A number does not wait for the answer to the one before: after a gateway was killed, answers take two seconds until its lease has ended.
const run = randomUUID();
for (;;) {
  void signal(next++);
  await wait(100);
}

// Repeats with the same id until the cluster has accepted the number, also if a gateway was killed before it answered.
async function signal(number) {
  const query = new URLSearchParams({ part: '7,1,0', message: number, id: `${run}-${number}` });
  while (!(await fetch(`${direct}/!direct-signal?${query}`).catch(() => null))?.ok) await wait(100);
}

// Kills the gateway that has most of the tabs.
async function kill() {
  const { gateways } = JSON.parse(await local('status', '--json'));
  const figures = (await (await fetch(`${direct}/!direct-cluster`)).json()).gateways;
  const connections = ({ port }) => figures.find(({ name }) => name.endsWith(`:${port}`))?.connections ?? -1;
  const [{ port, pid }] = gateways.filter(({ pid }) => pid).sort((one, other) => connections(other) - connections(one));
  process.kill(pid, 'SIGKILL');
  return `kill -9 ${pid}, the gateway at ${port}`;
}

// Starts the gateways that were killed.
async function start() {
  const { gateways } = JSON.parse(await local('status', '--json'));
  for (const { port } of gateways.filter(({ pid }) => !pid)) await local('restart', 'gateway', `${port}`);
  return 'both gateways run';
}
