// Drives all clients in the same way, against servers that misbehave, and prints one table: scenarios by clients.
//   node clients/conformance/run.mjs [--client name ...] [--scenario text] [--cluster] [--configuration Release]
// With --cluster against a real cluster instead, a gateway of which is killed and drained. Exits with 1 if a scenario fails.
import { parseArgs } from 'node:util';
import { clientsOf } from './clients.mjs';
import { Driver } from './driver.mjs';
import { backendScenarios } from './scenarios/backends.mjs';
import { faults, runFault } from './scenarios/cluster.mjs';
import { socketScenarios } from './scenarios/sockets.mjs';
import { LocalCluster } from './servers/local-cluster.mjs';
import { backendWorld, socketWorld } from './scenarios/worlds.mjs';

const { values: options } = parseArgs({
  options: {
    client: { type: 'string', multiple: true }, scenario: { type: 'string', default: '' }, cluster: { type: 'boolean', default: false },
    configuration: { type: 'string', default: 'Release' },
  },
});
const families = {
  backend: { scenarios: backendScenarios, world: backendWorld },
  socket: { scenarios: socketScenarios, world: socketWorld },
};
const clients = clientsOf(options.configuration);
const names = options.client ?? Object.keys(clients);

const results = options.cluster ? await runCluster() : Object.fromEntries(await Promise.all(names.map(async name => [name, await run(clients[name])])));
const rows = [...Object.values(families).flatMap(family => Object.keys(family.scenarios)), ...faults.flatMap(fault => Object.values(fault.rows))]
  .filter(row => names.some(name => row in results[name]));
const failures = print(rows, names, results);
process.exit(failures === 0 ? 0 : 1);

/** Runs the scenarios of a client one after the other, and returns what is wrong in each: null if nothing is. */
async function run({ families: own, driver: command }) {
  const outcomes = {};
  let driver;
  for (const { scenarios, world } of own.map(family => families[family])) {
    for (const [name, scenario] of Object.entries(scenarios).filter(([name]) => isChosen(name))) {
      if (driver === undefined || driver.ended) driver = new Driver(command);
      const open = world(driver);
      try {
        await scenario(open);
        outcomes[name] = null;
      } catch (error) {
        outcomes[name] = error;
        driver.close(); // what it still does must not disturb the next scenario
        driver = undefined;
      } finally {
        open.close();
      }
    }
  }
  driver?.close();
  return outcomes;
}

/** Runs the scenarios of a real cluster, each for all clients at once. */
async function runCluster() {
  const results = Object.fromEntries(names.map(name => [name, {}]));
  const cluster = await LocalCluster.start();
  try {
    for (const fault of faults) {
      const workers = names.flatMap(name => clients[name].families.map(family => ({ name, family, driver: new Driver(clients[name].driver) })));
      const errors = await runFault(cluster, workers, fault);
      workers.forEach(({ name, family, driver }, i) => {
        results[name][fault.rows[family]] = errors[i];
        driver.close();
      });
    }
    return results;
  } finally {
    await cluster.stop();
  }
}

function isChosen(name) {
  return name.includes(options.scenario);
}

function print(rows, names, results) {
  const width = Math.max(...rows.map(row => row.length));
  console.log(`${'scenario'.padEnd(width)}  ${names.map(name => name.padEnd(6)).join('  ')}`);
  const failed = [];
  for (const row of rows) {
    const cells = names.map(name => {
      if (!(row in results[name])) return 'n/a';
      if (results[name][row] === null) return 'pass';
      failed.push(`${name}: ${row}\n${results[name][row].stack}`);
      return 'FAIL';
    });
    console.log(`${row.padEnd(width)}  ${cells.map(cell => cell.padEnd(6)).join('  ')}`);
  }
  for (const name of names) {
    const outcomes = Object.values(results[name]);
    console.log(`${name}: ${outcomes.filter(outcome => outcome === null).length} passed, ${outcomes.filter(outcome => outcome !== null).length} failed`);
  }
  failed.forEach(text => console.log(`\n${text}`));
  return failed.length;
}
