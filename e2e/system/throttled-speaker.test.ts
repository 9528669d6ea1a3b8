import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MemoryApi, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, askHealth, errorsOf, waitUntilReady } from './apps.ts';
import { type Cluster, openMemoryCluster, SERVICES, tellLogsOnFailure } from './cluster.ts';

const MIB = 2 ** 20;
/** MetalLB's example. */
const LIMITS = { cpuMillis: 100, memoryOctets: 100 * MIB };
const PERIOD_MICROS = 100_000;
/** It looks for throttling every 30 s, and a busy machine may need longer for all that comes before. */
const PATIENCE_MS = 120_000;
const ROOT = '/sys/fs/cgroup';

/** A control group with limits, as kubelet makes one for a container. */
interface ControlGroup {
  /** Takes a process in, with all its threads. */
  enter(pid: number): void;
  /** Processes that the kernel killed in it for want of memory. */
  kills(): number;
  /** Periods in which it ran out of its share of the CPU. */
  throttledPeriods(): number;
  remove(): Promise<void>;
}

const numberAfter = (text: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);

/** Undefined where none can be made: not root, no controllers, or another's to give out. */
function makeControlGroup(name: string): ControlGroup | undefined {
  const made: string[] = [];
  const remove = async (): Promise<void> => {
    for (const path of made) {
      for (let attempt = 0; attempt < 50 && existsSync(path); attempt += 1) {
        try {
          rmdirSync(path);
        } catch {
          await sleep(100); // the kernel still clears up after what ended in it
        }
      }
    }
  };
  const make = (path: string, settings: Readonly<Record<string, string | number>>): string => {
    mkdirSync(path);
    made.push(path);
    for (const [file, value] of Object.entries(settings)) writeFileSync(`${path}/${file}`, `${value}`);
    return path;
  };
  const quota = (LIMITS.cpuMillis * PERIOD_MICROS) / 1_000;
  try {
    const isV2 = existsSync(`${ROOT}/cgroup.controllers`);
    const cpu = isV2
      ? make(`${ROOT}/${name}`, { 'memory.max': LIMITS.memoryOctets, 'cpu.max': `${quota} ${PERIOD_MICROS}` })
      : make(`${ROOT}/cpu/${name}`, { 'cpu.cfs_period_us': PERIOD_MICROS, 'cpu.cfs_quota_us': quota });
    const memory = isV2 ? cpu : make(`${ROOT}/memory/${name}`, { 'memory.limit_in_bytes': LIMITS.memoryOctets });
    return {
      enter(pid) {
        for (const path of made) writeFileSync(`${path}/cgroup.procs`, `${pid}`);
      },
      kills: () =>
        numberAfter(readFileSync(`${memory}/${isV2 ? 'memory.events' : 'memory.oom_control'}`, 'utf8'), 'oom_kill'),
      throttledPeriods: () => numberAfter(readFileSync(`${cpu}/cpu.stat`, 'utf8'), 'nr_throttled'),
      remove,
    };
  } catch {
    void remove();
    return undefined;
  }
}

const trial = makeControlGroup(`steelyard-trial-${process.pid}`);
await trial?.remove();
/** As `describeLab` does it: skipped with the reason, and a failure where nobody would see that. */
const describeLimited: typeof describeLab =
  trial !== undefined
    ? describeLab
    : (name) =>
        describe(name, () => {
          test.skipIf(process.env['CI'] !== 'true')(
            'a control group can be made: as root, with its controllers',
            () => {
              expect(trial).toBeDefined();
            },
          );
        });

describeLimited('a speaker with MetalLB’s example limits, 100m CPU and 100Mi memory', () => {
  let cluster: Cluster & { readonly api: MemoryApi };
  let group: ControlGroup;
  const addresses: string[] = [];

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    const [{ name }] = cluster.network.nodes;
    await cluster.createPool('pool', { addresses: ['198.51.100.0/24', '10.9.0.0/16'] });
    // All of it is this one speaker's.
    const onlyHere = { nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': name } }] };
    await cluster.createAdvertisement('here', onlyHere);
  });
  afterAll(async () => {
    await cluster?.close();
    await group?.remove();
  });
  tellLogsOnFailure(() => cluster);

  /** Services with addresses; the controller is another's concern. */
  async function createServices(from: number, to: number): Promise<void> {
    for (let i = from; i < to; i += 1) {
      const ip = `10.9.${i >> 8}.${i & 255}`;
      await cluster.createService(`web-${i}`);
      await cluster.kube.patch(`${SERVICES}/web-${i}/status`, { status: { loadBalancer: { ingress: [{ ip }] } } });
      addresses.push(ip);
    }
  }

  function startLimited(name: string): App {
    group = makeControlGroup(`steelyard-${name}-${process.pid}`) ?? expect.fail('no control group');
    const [node] = cluster.network.nodes;
    const speaker = cluster.startSpeaker(node);
    group.enter(speaker.process.pid);
    return speaker;
  }

  async function expectToLive(speaker: App): Promise<void> {
    await waitUntil('it to be ready', async () => (await askHealth(speaker, 'readyz')).status === 200, {
      timeoutMs: PATIENCE_MS,
      intervalMs: 500,
    });
    await waitUntilReady(speaker);
    const some = addresses.filter((_, i) => i % Math.ceil(addresses.length / 20) === 0);
    const owners = await cluster.network.owners(some);
    expect(new Set(Object.values(owners))).toEqual(new Set([cluster.network.nodes[0].name]));

    const throttled = await waitUntil(
      'it to say that it is throttled',
      () => speaker.records().find(({ op }) => op === 'cpuThrottling'),
      { timeoutMs: PATIENCE_MS, intervalMs: 500 },
    );
    expect(throttled).toMatchObject({ level: 'warn', throttledMs: expect.any(Number), periods: expect.any(Number) });
    expect(group.throttledPeriods()).toBeGreaterThan(0);

    expect(await cluster.network.owners(some)).toEqual(owners);
    expect((await askHealth(speaker, 'healthz')).status).toBe(200);
    expect(speaker.process.end).toBeUndefined();
    expect(group.kills()).toBe(0);
    // Not once did the thread that reads Kubernetes run out of the heap that fits.
    expect(errorsOf(speaker)).toEqual([]);
  }

  test(
    'lives with 100 Services, answers for each, and says that it is throttled',
    async () => {
      await createServices(0, 100);
      const speaker = startLimited('hundred');
      await expectToLive(speaker);
      expect(await speaker.process.stop(10_000)).toMatchObject({ signal: null });
      await group.remove();
    },
    3 * PATIENCE_MS,
  );

  test(
    'lives with 1,000',
    async () => {
      await createServices(100, 1_000);
      await expectToLive(startLimited('thousand'));
    },
    3 * PATIENCE_MS,
  );
});
