import { keepChronicle } from '../oracle/chronicle.ts';
import { judgeRest } from '../oracle/rest.ts';
import { demand } from '../oracle/violation.ts';
import { judgeWrites } from '../oracle/writes.ts';
import { keyOf, type StoredService, shownBy } from '../world/objects.ts';
import { type History, KEYS } from './actions.ts';
import { type Cluster, createCluster } from './cluster.ts';
import { perform, poolSpec } from './perform.ts';

/** What a rolling update has begun takes no longer. */
const BEGUN_MS = 20_000;
/** Longer than the lease and its margins, than strangers are waited for, and than any fault of a history lasts. */
const SETTLE_MS = 75_000;
const STEP_MS = 15_000;
/** A write that failed through a long outage is tried again after a minute at most. */
const MAX_STEPS = 10;
const QUIET_MS = 40_000;

function statuses({ server }: Cluster): string {
  const shown = (service: StoredService): string =>
    `${keyOf(service)} at ${service.metadata.resourceVersion}: ${shownBy(service)}`;
  return [...server.services.items.values()].map(shown).join('\n');
}

function picture(cluster: Cluster): string {
  return `${statuses(cluster)}\nrecord written ${cluster.server.recordWrites} times`;
}

/** Lets all faults end, everything arrive and everybody act, until one of ours serves and nothing changes any more. */
function comeToRest(cluster: Cluster): void {
  const { time, network, server } = cluster;
  const trouble = network.trouble;
  network.trouble = 0;
  network.down = false;
  server.refusing = false;
  time.advanceTo(time.nowMs + BEGUN_MS);
  for (const metalLb of cluster.metalLbs) metalLb.stop();
  cluster.removeLostPods();
  if (cluster.controllers.length === 0) cluster.start();
  time.advanceTo(time.nowMs + SETTLE_MS);
  let before = '';
  for (let steps = 0; before !== picture(cluster); steps++) {
    demand(steps < MAX_STEPS, () => 'the cluster does not come to rest');
    before = picture(cluster);
    time.advanceTo(time.nowMs + STEP_MS);
  }
  // One that was succeeded in its sleep learns of it when it has something to write: there may be more than one.
  const serves = cluster.controllers.some(({ holding, assigner }) => holding && assigner.serving);
  demand(serves, () => 'nobody serves');
  network.trouble = trouble;
}

function stayAtRest(cluster: Cluster): void {
  const before = picture(cluster);
  cluster.time.advanceTo(cluster.time.nowMs + QUIET_MS);
  demand(before === picture(cluster), () => `at rest something is written:\n${before}\n${picture(cluster)}`);
}

/** A controller that starts anew finds everything as it shall be. */
function restart(cluster: Cluster): void {
  const before = statuses(cluster);
  for (const controller of cluster.controllers) cluster.crash(controller, 'pod');
  cluster.network.trouble = 0;
  cluster.start();
  comeToRest(cluster);
  const after = statuses(cluster);
  demand(before === after, () => `a restart changes something:\n${before}\n${after}`);
}

/** Plays a history. Throws at the first thing that must not be. */
export function play(history: History): void {
  const cluster = createCluster(history.seed, history.trouble);
  const { time, server } = cluster;
  server.setNamespace('ns', {});
  server.setNamespace('other', { team: 'x' });
  for (const [index, pool] of history.pools.entries()) server.setPool('pqr'[index] ?? '', poolSpec(pool));
  judgeWrites(cluster);
  const chronicle = keepChronicle(cluster);
  for (let i = 0; i < history.controllers; i++) cluster.start();
  const rest = (): void => {
    comeToRest(cluster);
    judgeRest(cluster);
    chronicle.judgeLosses();
  };
  for (const [index, service] of history.services.entries()) {
    perform(cluster, chronicle, { type: 'create', key: KEYS[index] ?? '', service });
  }
  for (const { afterMs, action } of history.actions) {
    time.advanceTo(time.nowMs + afterMs);
    if (action.type === 'rest') rest();
    else perform(cluster, chronicle, action);
  }
  rest();
  cluster.network.trouble = 0;
  stayAtRest(cluster);
  restart(cluster);
  judgeRest(cluster);
}
