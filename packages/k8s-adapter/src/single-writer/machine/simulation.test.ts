import fc from 'fast-check';
import { expect, test } from 'vitest';
import { podIdentity, sameTerm, type WriterRecord } from '../record.ts';
import { mayWriteNow, writeUntilMs } from './lease.ts';
import {
  initialState,
  type SingleWriterConfig,
  type SingleWriterEffect,
  type SingleWriterEvent,
  type SingleWriterState,
} from './state.ts';
import { step } from './step.ts';
import { wakeAtMs } from './wake.ts';

/** What a test of several contenders is made of: everything comes from one seed. */
interface World {
  readonly seed: number;
  readonly contenders: number;
  /** How often requests and answers are lost or late. */
  readonly trouble: number;
  readonly change?: Partial<SingleWriterConfig>;
  readonly gullible?: boolean;
}

interface Contender {
  readonly config: SingleWriterConfig;
  /** Milliseconds of its clock per millisecond. */
  readonly rate: number;
  readonly offsetMs: number;
  state: SingleWriterState;
  /** Its process has ended. */
  ended: boolean;
  /** It runs no code until then. */
  pausedUntilMs: number;
  /** The last moment at which it was seen to be allowed to write, and until when that was. */
  allowedUntilMs: number;
  wakeToken: number;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Happening = DistributiveOmit<SingleWriterEvent, 'nowMs' | 'wallMs'>;

const REQUEST_TIMEOUT_MS = 5_000;
const CALL_TIMEOUT_MS = 1_000;
const DURATION_MS = 240_000;

function mulberry32(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

class Simulation {
  readonly random: () => number;
  /** In order of time. */
  readonly queue: { readonly atMs: number; readonly run: () => void }[] = [];
  readonly contenders: Contender[] = [];
  readonly violations: string[] = [];
  readonly world: World;
  record: WriterRecord | undefined;
  version: number | undefined;
  versions = 0;
  /** Pods that exist, and whether their process runs. */
  readonly pods = new Map<string, boolean>();
  nowMs = 0;
  order = 0;
  writes = 0;
  takeovers = 0;
  trouble: number;

  constructor(world: World) {
    this.world = world;
    this.trouble = world.trouble;
    this.random = mulberry32(world.seed);
  }

  at(atMs: number, run: () => void): void {
    let index = this.queue.length;
    while (index > 0 && (this.queue[index - 1]?.atMs ?? 0) > atMs) index--;
    this.queue.splice(index, 0, { atMs, run });
    this.order++;
  }

  between(min: number, max: number): number {
    return min + this.random() * (max - min);
  }

  start(podName: string): Contender {
    const contender: Contender = {
      config: {
        identity: podIdentity(podName, `b${this.order++}`),
        podName,
        repository: 'ours',
        leaseDurationSeconds: 15,
        requestTimeoutMs: REQUEST_TIMEOUT_MS,
        graceMs: 2_000,
        strangersPollMs: 1_000,
        strangersMaxMs: 30_000,
        standbyPollMs: 2_000,
        minReadGapMs: 250,
        retryMinMs: 100,
        retryMaxMs: 2_000,
        ...this.world.change,
      },
      rate: this.between(0.95, 1.05),
      offsetMs: this.between(0, 1e6),
      state: initialState(0),
      ended: false,
      pausedUntilMs: 0,
      allowedUntilMs: Number.NEGATIVE_INFINITY,
      wakeToken: 0,
    };
    contender.state = initialState(this.local(contender));
    this.contenders.push(contender);
    this.pods.set(podName, true);
    this.happen(contender, { type: 'start' });
    return contender;
  }

  local(contender: Contender): number {
    return this.nowMs * contender.rate + contender.offsetMs;
  }

  real(contender: Contender, localMs: number): number {
    return (localMs - contender.offsetMs) / contender.rate;
  }

  happen(contender: Contender, happening: Happening): void {
    if (contender.ended) return;
    if (this.nowMs < contender.pausedUntilMs) {
      this.at(contender.pausedUntilMs, () => this.happen(contender, happening));
      return;
    }
    const nowMs = this.local(contender);
    const event = { ...happening, nowMs, wallMs: this.between(0, 2e12) } as SingleWriterEvent;
    const { state, effects } = step(contender.state, event, contender.config);
    contender.state = state;
    for (const effect of effects) this.carryOut(contender, effect);
    this.judge(contender);
    const wakeMs = wakeAtMs(state, contender.config);
    const token = ++contender.wakeToken;
    if (wakeMs === Number.POSITIVE_INFINITY) return;
    this.at(Math.max(this.nowMs + 0.5, this.real(contender, wakeMs) + 0.01), () => {
      if (contender.wakeToken === token) this.happen(contender, { type: 'tick' });
    });
  }

  /** Nobody may write while another may, or while what another has begun may still be under way. */
  judge(one: Contender): void {
    if (!mayWriteNow(one.state, one.config, this.local(one))) return;
    one.allowedUntilMs = this.real(one, writeUntilMs(one.state, one.config));
    for (const other of this.contenders) {
      if (other === one || !this.isDangerous(other)) continue;
      const last = Math.min(this.nowMs, other.allowedUntilMs);
      if (last + REQUEST_TIMEOUT_MS / other.rate > this.nowMs) {
        this.violations.push(`${this.nowMs}: ${one.config.identity} while ${other.config.identity}`);
      }
    }
  }

  /** A Pod that has ended writes no more; nor does one that lets go, which is done when no write is under way. */
  isDangerous(other: Contender): boolean {
    return !other.ended && other.state.phase !== 'stopping' && other.state.phase !== 'stopped';
  }

  carryOut(contender: Contender, effect: SingleWriterEffect): void {
    switch (effect.type) {
      case 'read':
        this.call(contender, () => ({ record: this.record, version: this.version }), {
          ok: ({ record, version }) => ({
            type: 'recordRead',
            record,
            version: version === undefined ? undefined : String(version),
          }),
          failed: { type: 'readFailed' },
        });
        break;
      case 'write': {
        const swap = (): string | undefined => {
          if (effect.version !== (this.version === undefined ? undefined : String(this.version))) return undefined;
          if (!sameTerm(this.record, effect.record) && this.record?.holder !== effect.record.holder) this.takeovers++;
          this.record = effect.record;
          this.version = ++this.versions;
          this.writes++;
          return String(this.version);
        };
        this.call(contender, swap, {
          ok: (version) => {
            if (version !== undefined) return { type: 'written', version };
            return this.world.gullible === true
              ? { type: 'written', version: String(this.version) }
              : { type: 'writeConflict' };
          },
          failed: { type: 'writeFailed' },
        });
        break;
      }
      case 'listPods':
        this.call(contender, () => [...this.pods.keys()], {
          ok: (names) => ({
            type: 'podsListed',
            others: names
              .filter((name) => name !== contender.config.podName)
              .map((name) => ({ name, repository: name.startsWith('metallb') ? 'theirs' : 'ours' })),
          }),
          failed: { type: 'podsUnknown' },
        });
        break;
      case 'readHolderPod':
        this.call(contender, () => this.pods.has(effect.podName), {
          ok: (exists) => (exists ? { type: 'tick' } : { type: 'holderGone', holder: effect.holder }),
          failed: { type: 'tick' },
        });
        break;
      case 'catchUp':
        this.at(this.nowMs + this.between(1, 300), () => this.happen(contender, { type: 'caughtUp' }));
        break;
      case 'tookOver':
      case 'stoodDown':
      case 'strangers':
        break;
    }
  }

  /** A request to the API server: lost on the way, late, or its answer is. What is late may come to be after it was given up. */
  call<T>(
    contender: Contender,
    serve: () => T,
    answer: { readonly ok: (value: T) => Happening; readonly failed: Happening },
  ): void {
    const troubled = this.random() < this.trouble;
    const lost = troubled && this.random() < 0.3;
    const answerLost = troubled && this.random() < 0.5;
    const thereMs = troubled ? this.between(1, 6_000) : this.between(1, 20);
    const backMs = troubled ? this.between(1, 1_500) : this.between(1, 20);
    const sentAtMs = this.nowMs;
    let settled = false;
    const settle = (happening: Happening): void => {
      if (settled) return;
      settled = true;
      this.happen(contender, happening);
    };
    this.at(sentAtMs + CALL_TIMEOUT_MS, () => settle(answer.failed));
    if (lost) return;
    this.at(sentAtMs + thereMs, () => {
      const value = serve();
      if (answerLost) return;
      this.at(this.nowMs + backMs, () => settle(answer.ok(value)));
    });
  }

  end(contender: Contender, podGoes: boolean): void {
    contender.ended = true;
    if (podGoes) this.pods.delete(contender.config.podName);
  }

  /** Everyone is told that there may be something to write; whoever holds the record writes, if there is. */
  want(isToBeWritten = this.random() < 0.5): void {
    for (const contender of this.contenders) {
      this.happen(contender, { type: 'wanted' });
      if (!isToBeWritten) continue;
      this.happen(contender, { type: 'renew' });
      this.happen(contender, { type: 'writing' });
    }
  }

  run(untilMs: number): void {
    for (;;) {
      const [first] = this.queue;
      if (first === undefined || first.atMs > untilMs) {
        this.nowMs = untilMs;
        return;
      }
      this.queue.shift();
      this.nowMs = Math.max(this.nowMs, first.atMs);
      first.run();
    }
  }
}

function play(world: World): Simulation {
  const simulation = new Simulation(world);
  const { random } = simulation;
  for (let i = 0; i < world.contenders; i++) {
    simulation.at(simulation.between(0, i === 0 ? 1 : 40_000), () => simulation.start(`p${i}`));
  }
  for (let atMs = 0; atMs < DURATION_MS; atMs += simulation.between(50, 20_000)) {
    simulation.at(atMs, () => simulation.want());
  }
  for (let atMs = 20_000; atMs < DURATION_MS; atMs += simulation.between(5_000, 60_000)) {
    simulation.at(atMs, () => {
      const alive = simulation.contenders.filter(({ ended }) => !ended);
      const one = alive[Math.floor(random() * alive.length)];
      if (one === undefined) return;
      const what = random();
      if (what < 0.4) one.pausedUntilMs = simulation.nowMs + simulation.between(100, 40_000);
      else if (what < 0.6) simulation.happen(one, { type: 'release' });
      else if (what < 0.8) {
        simulation.end(one, true);
        simulation.at(simulation.nowMs + 3_000, () => simulation.start(`p${simulation.order}`));
      } else {
        simulation.end(one, false); // the container starts anew in the same Pod
        simulation.at(simulation.nowMs + 500, () => simulation.start(one.config.podName));
      }
    });
  }
  simulation.run(DURATION_MS);
  return simulation;
}

const worlds = fc.record({
  seed: fc.integer(),
  contenders: fc.integer({ min: 2, max: 3 }),
  trouble: fc.constantFrom(0, 0.05, 0.3, 0.7),
});

test('whatever is lost, late, paused, killed or of another pace: never do two write at a time', {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(worlds, (world) => {
      expect(play(world).violations).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('a holder that begins to write when its lease ends is found out', { timeout: 60_000 }, () => {
  const found = fc.check(
    fc.property(worlds, (world) => play({ ...world, change: { requestTimeoutMs: -3_000 } }).violations.length === 0),
    { numRuns: 400, seed: 1 },
  );
  expect(found.failed).toBe(true);
});

test('one that takes a refused write for a written one is found out', { timeout: 60_000 }, () => {
  const found = fc.check(
    fc.property(worlds, (world) => play({ ...world, gullible: true }).violations.length === 0),
    { numRuns: 400, seed: 1 },
  );
  expect(found.failed).toBe(true);
});

test('once trouble is over, somebody serves what is wanted', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const simulation = play(world);
      simulation.trouble = 0;
      for (const contender of simulation.contenders) contender.pausedUntilMs = 0;
      simulation.start('fresh');
      const lastMs = simulation.nowMs + 80_000;
      for (let i = 1; i <= 40; i++) simulation.at(simulation.nowMs + i * 2_000, () => simulation.want(true));
      simulation.run(lastMs + 200);
      const alive = simulation.contenders.filter(({ ended }) => !ended);
      const holders = alive.filter(({ state }) => state.phase === 'holding');
      expect(holders).toHaveLength(1);
      for (const one of holders) {
        expect(simulation.real(one, writeUntilMs(one.state, one.config))).toBeGreaterThan(lastMs);
      }
    }),
    { numRuns: 100 },
  );
});

test('a holder that lives is not succeeded, whatever is wanted of it', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const simulation = new Simulation({ seed, contenders: 3, trouble: 0 });
      simulation.start('a');
      simulation.at(700, () => simulation.start('b'));
      simulation.at(900, () => simulation.start('c'));
      for (let atMs = 1_000; atMs < DURATION_MS; atMs += simulation.between(10, 30_000)) {
        simulation.at(atMs, () => simulation.want());
      }
      simulation.run(DURATION_MS + 60_000);
      expect(simulation.record?.transitions).toBe(1);
    }),
    { numRuns: 50 },
  );
});

test('the simulation is one in which the record passes from hand to hand', { timeout: 60_000 }, () => {
  let takeovers = 0;
  for (let seed = 0; seed < 50; seed++) takeovers += play({ seed, contenders: 3, trouble: 0.05 }).takeovers;
  expect(takeovers).toBeGreaterThan(150);
});

test('with nothing to write nothing is written', { timeout: 60_000 }, () => {
  const simulation = new Simulation({ seed: 1, contenders: 2, trouble: 0 });
  simulation.start('a');
  simulation.run(1_000);
  simulation.start('b');
  simulation.run(10_000);
  const { writes } = simulation;
  expect(writes).toBe(2); // a holds it, b takes part
  simulation.run(3_600_000);
  expect(simulation.writes).toBe(writes);
});
