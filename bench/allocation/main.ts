// What the controller takes to give addresses, and what a restart costs: Steelyard's and MetalLB's, each on an API server of
// its own, one after the other.

import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '@steelyard/testkit';
import { readNumbers } from '../options.ts';
import { cpuSeconds, memory, quiet } from '../process-figures.ts';
import { printResult, say } from '../result.ts';
import { type App, STEELYARD_NAMESPACE } from '../stage/app.ts';
import { type ClusterApi, openClusterApi, writesBetween } from '../stage/cluster-api.ts';
import { buildMetalLb } from '../stage/metallb.ts';
import { forEachConcurrently, loadBalancer, SERVICES, serviceNames } from '../stage/services.ts';
import { type StatusWatch, watchStatus } from '../stage/status-watch.ts';
import { startController } from '../stage/steelyard.ts';
import { rounded, summarize } from '../statistics.ts';

const DEFAULTS = { samples: 200, burst: 1_000, 'large-burst': 10_000, waiting: 5_000, restarts: 3 };
type Options = { readonly [Name in keyof typeof DEFAULTS]: number };

/** Created first and not counted. */
const WARM_UP = 5;
/** After each, so that nobody works on the one before. */
const PAUSE_MS = 100;
const JITTER_MS = 50;
/** Events and the statuses of pools wait for others to be written together. */
const LAST_WRITES_MS = 3_000;
const TIMEOUT_MS = 900_000;
const NS_PER_MS = 1e6;
const ONLY = '--only=';

/** A controller that can be started. */
interface Contender {
  readonly name: string;
  readonly version: string;
  start(api: ClusterApi): Promise<App>;
}

export async function measure(args: readonly string[]): Promise<void> {
  const only = args.find((argument) => argument.startsWith(ONLY))?.slice(ONLY.length);
  const numbers = args.filter((argument) => !argument.startsWith(ONLY));
  const options = readNumbers(numbers, DEFAULTS);
  const figures: Record<string, unknown> = {};
  let kubernetes = '';
  for (const contender of contenders(only)) {
    say(`${contender.name} ${contender.version}`);
    const measured = await measureContender(contender, options);
    kubernetes = measured.kubernetes;
    figures[contender.name] = { version: contender.version, ...measured.figures };
    say(`${contender.name}: ${JSON.stringify(measured.figures)}`);
  }
  printResult({ question: 'allocation', options, kubernetes, figures });
}

function contenders(only: string | undefined): readonly Contender[] {
  const steelyard = (): Contender => ({ name: 'steelyard', version: 'this checkout', start: startController });
  const metalLb = (): Contender => {
    const { version, startController: start } = buildMetalLb();
    return { name: 'metallb', version, start };
  };
  if (only === 'steelyard') return [steelyard()];
  if (only === 'metallb') return [metalLb()];
  if (only !== undefined) throw new RangeError(`--only is steelyard or metallb, not ${JSON.stringify(only)}`);
  return [metalLb(), steelyard()];
}

async function measureContender(contender: Contender, options: Options) {
  const small = await onOwnApi(contender, { pool: true }, async (bed) => {
    const oneAtATime = await measureOneAtATime(bed, options.samples);
    const burst = await measureBurst(bed, 'burst', options.burst);
    const restarts = await measureRestarts(bed, 'small', options.restarts);
    return { oneAtATime, [`burst${options.burst}`]: burst, [`restartWith${options.burst}`]: restarts };
  });
  const waiting = await onOwnApi(contender, { pool: false }, (bed) => measureWaiting(bed, options.waiting));
  const large = await onOwnApi(contender, { pool: true }, async (bed) => {
    const burst = await measureBurst(bed, 'large', options['large-burst']);
    const restarts = await measureRestarts(bed, 'large', options.restarts);
    return { [`burst${options['large-burst']}`]: burst, [`restartWith${options['large-burst']}`]: restarts };
  });
  return {
    kubernetes: small.kubernetes,
    figures: { ...small.figures, [`poolAppearsFor${options.waiting}`]: waiting.figures, ...large.figures },
  };
}

/** A cluster with one controller in it. */
interface Bed {
  readonly api: ClusterApi;
  readonly contender: Contender;
  controller: App;
}

async function onOwnApi<T>(contender: Contender, { pool }: { pool: boolean }, act: (bed: Bed) => Promise<T>) {
  const api = await openClusterApi('real');
  try {
    await api.client.create('/api/v1/namespaces', { metadata: { name: STEELYARD_NAMESPACE } });
    await waitUntil('the service account', () => serviceAccountExists(api), { timeoutMs: 30_000 });
    if (pool) await createPool(api);
    const bed: Bed = { api, contender, controller: await contender.start(api) };
    try {
      await bed.controller.ready();
      return { kubernetes: api.version, figures: await act(bed) };
    } finally {
      await bed.controller.stop();
    }
  } finally {
    await api.close();
  }
}

async function serviceAccountExists({ client }: ClusterApi): Promise<boolean> {
  const path = `/api/v1/namespaces/${STEELYARD_NAMESPACE}/serviceaccounts`;
  const { items } = (await client.get(path)) as { items: readonly unknown[] };
  return items.length > 0;
}

async function createPool({ client }: ClusterApi): Promise<void> {
  await client.create(`/apis/metallb.io/v1beta1/namespaces/${STEELYARD_NAMESPACE}/ipaddresspools`, {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'IPAddressPool',
    metadata: { name: 'all' },
    spec: { addresses: ['10.100.0.0/16'] },
  });
}

/** From just before the call that creates a Service until a watch of this process shows its address. */
async function measureOneAtATime({ api, controller }: Bed, samples: number) {
  const names = serviceNames('one', 0, WARM_UP + samples);
  const statuses = await watchStatus(api.client);
  const calls: number[] = [];
  const served: number[] = [];
  let before = await api.writes();
  let cpuBefore = 0;
  for (const [index, name] of names.entries()) {
    if (index === WARM_UP) {
      await sleep(LAST_WRITES_MS);
      before = await api.writes();
      cpuBefore = cpuSeconds(controller.process.pid);
    }
    const begunNs = process.hrtime.bigint();
    await api.client.create(SERVICES, loadBalancer(name, { nodePort: false }));
    const createdNs = process.hrtime.bigint();
    const { seenNs } = await waitUntil(`an address for ${name}`, () => statuses.served.get(name), {
      intervalMs: 2,
      timeoutMs: 60_000,
    });
    if (index >= WARM_UP) {
      calls.push(Number(createdNs - begunNs) / NS_PER_MS);
      served.push(Number(seenNs - begunNs) / NS_PER_MS);
    }
    await sleep(PAUSE_MS + Math.random() * JITTER_MS);
  }
  await sleep(LAST_WRITES_MS);
  const writes = writesBetween(before, await api.writes());
  const cpu = cpuSeconds(controller.process.pid) - cpuBefore;
  await statuses.close();
  return {
    createCallMs: summarize(calls, 2),
    createToStatusMs: summarize(served, 2),
    cpuMsPerService: rounded((1_000 * cpu) / samples, 2),
    writesPerService: perService(writes, samples),
    ...memory(controller.process.pid),
  };
}

/** As many as the API server takes, 16 at a time. */
async function measureBurst({ api, controller }: Bed, prefix: string, count: number) {
  const names = serviceNames(prefix, 0, count);
  const statuses = await watchStatus(api.client);
  const before = await api.writes();
  const cpuBefore = cpuSeconds(controller.process.pid);
  const begunMs = performance.now();
  await forEachConcurrently(names, (name) => api.client.create(SERVICES, loadBalancer(name, { nodePort: false })));
  const createdMs = performance.now() - begunMs;
  await allServed(statuses, count);
  const servedMs = performance.now() - begunMs;
  const cpuUntilQuiet = (await quiet(controller.process, TIMEOUT_MS)) - cpuBefore;
  await statuses.close();
  return {
    createCallsMs: Math.round(createdMs),
    allServedMs: Math.round(servedMs),
    cpuSecondsUntilQuiet: rounded(cpuUntilQuiet, 2),
    writesPerService: perService(writesBetween(before, await api.writes()), count),
    ...memory(controller.process.pid),
  };
}

/** A pool is created while Services wait for one. */
async function measureWaiting({ api, controller }: Bed, count: number) {
  const names = serviceNames('waits', 0, count);
  await forEachConcurrently(names, (name) => api.client.create(SERVICES, loadBalancer(name, { nodePort: false })));
  await quiet(controller.process, TIMEOUT_MS);
  const statuses = await watchStatus(api.client);
  const before = await api.writes();
  const cpuBefore = cpuSeconds(controller.process.pid);
  const begunMs = performance.now();
  await createPool(api);
  await allServed(statuses, count);
  const servedMs = performance.now() - begunMs;
  const cpuUntilQuiet = (await quiet(controller.process, TIMEOUT_MS)) - cpuBefore;
  await statuses.close();
  return {
    allServedMs: Math.round(servedMs),
    cpuSecondsUntilQuiet: rounded(cpuUntilQuiet, 2),
    writesPerService: perService(writesBetween(before, await api.writes()), count),
    ...memory(controller.process.pid),
  };
}

/** A Service is created while no controller runs; from the next one's start until it is served, and what else was written. */
async function measureRestarts(bed: Bed, prefix: string, restarts: number) {
  const { api, contender } = bed;
  const results: object[] = [];
  for (let restart = 0; restart < restarts; restart += 1) {
    await bed.controller.stop();
    const name = `new-${prefix}-${restart}`;
    const statuses = await watchStatus(api.client);
    await api.client.create(SERVICES, loadBalancer(name, { nodePort: false }));
    const before = await api.writes();
    bed.controller = await contender.start(api);
    const served = await waitUntil(`an address for ${name}`, () => statuses.served.get(name), {
      intervalMs: 5,
      timeoutMs: TIMEOUT_MS,
    });
    const startToNewOneServedMs = Math.round(Number(served.seenNs - bed.controller.startedNs) / NS_PER_MS);
    const cpuUntilQuiet = await quiet(bed.controller.process, TIMEOUT_MS);
    await statuses.close();
    const { 'PUT services/status': statusWrites = 0 } = writesBetween(before, await api.writes());
    results.push({
      startToNewOneServedMs,
      statusWritesForOthers: statusWrites - 1,
      cpuSecondsUntilQuiet: rounded(cpuUntilQuiet, 2),
      ...memory(bed.controller.process.pid),
    });
  }
  return results;
}

async function allServed(statuses: StatusWatch, count: number): Promise<void> {
  await waitUntil(`${count} Services to be served`, () => statuses.served.size >= count, {
    intervalMs: 20,
    timeoutMs: TIMEOUT_MS,
  });
}

function perService(writes: Readonly<Record<string, number>>, count: number): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(writes).map(([what, times]) => [what, rounded(times / count, 3)]));
}
