import fc from 'fast-check';
import type { Block, PoolRule } from '../world/objects.ts';
import { EDITS, type Touch } from './edits.ts';

/** Ranges that pools are made of; the second and the third overlap. */
export const BLOCKS: readonly Block[] = [
  { text: '192.0.2.0/31', addresses: ['192.0.2.0', '192.0.2.1'] },
  { text: '192.0.2.2-192.0.2.4', addresses: ['192.0.2.2', '192.0.2.3', '192.0.2.4'] },
  { text: '192.0.2.4-192.0.2.5', addresses: ['192.0.2.4', '192.0.2.5'] },
  { text: '198.51.100.254-198.51.100.255', addresses: ['198.51.100.254', '198.51.100.255'] },
  { text: '2001:db8::/127', addresses: ['2001:db8::', '2001:db8::1'] },
  { text: '2001:db8::8/127', addresses: ['2001:db8::8', '2001:db8::9'] },
  { text: '203.0.113.7/32', addresses: ['203.0.113.7'] },
];

export interface NewService {
  readonly families: string;
  readonly policy: string;
  /** Edits that it is born with. */
  readonly born: readonly string[];
}

/** A pool in numbers, so that a failing history can be read and shrunk. */
export interface NewPool {
  readonly blocks: readonly number[];
  readonly autoAssign: boolean;
  readonly avoidBuggyIPs: boolean;
  readonly broken: boolean;
  readonly rule?: PoolRule | undefined;
}

export type Kind = 'services' | 'pools' | 'namespaces';

export type Action =
  | { readonly type: 'create'; readonly key: string; readonly service: NewService }
  | { readonly type: 'delete'; readonly key: string }
  | { readonly type: 'edit'; readonly key: string; readonly edit: string }
  /** Somebody writes to one Service what another shows. */
  | { readonly type: 'copy status'; readonly from: string; readonly to: string }
  | { readonly type: 'apply pool'; readonly name: string; readonly pool: NewPool }
  | { readonly type: 'delete pool'; readonly name: string }
  /** The new name first: it overlaps until the old one is deleted. */
  | { readonly type: 'rename pool'; readonly name: string; readonly to: string; readonly gapMs: number }
  | { readonly type: 'make pool again'; readonly name: string; readonly gapMs: number }
  /** Its last block goes to another pool, which is there before or after it goes. */
  | { readonly type: 'split pool'; readonly name: string; readonly to: string; readonly gapMs: number }
  | { readonly type: 'break or mend pool'; readonly name: string }
  | { readonly type: 'shrink pool'; readonly name: string }
  | { readonly type: 'relabel'; readonly namespace: string }
  | { readonly type: 'start'; readonly repeat?: never }
  | { readonly type: 'crash'; readonly which: number; readonly how: 'container' | 'pod' | 'node' }
  | { readonly type: 'pause' | 'suspend'; readonly which: number; readonly durationMs: number }
  | { readonly type: 'replace'; readonly which: number; readonly gapMs: number }
  /** A rolling update in the middle of something: the next one hears late of what the one before has done last. */
  | {
      readonly type: 'hand over';
      readonly key: string;
      readonly service: NewService;
      readonly name: string;
      readonly pool: NewPool;
      readonly gapMs: number;
    }
  | { readonly type: 'break watch'; readonly which: number; readonly kind: Kind }
  /** Rolling updates from MetalLB's controller to ours, and back and forth. */
  | { readonly type: 'MetalLB comes' }
  | { readonly type: 'MetalLB goes' }
  | { readonly type: 'outage' | 'refuse'; readonly durationMs: number }
  | { readonly type: 'rest' };

export interface TimedAction {
  readonly afterMs: number;
  readonly action: Action;
}

export interface History {
  /** Of all that is left to chance: delays, losses, clocks. */
  readonly seed: number;
  readonly trouble: number;
  readonly pools: readonly NewPool[];
  readonly controllers: number;
  /** Those that are there first. */
  readonly services: readonly NewService[];
  readonly actions: readonly TimedAction[];
}

export const KEYS: readonly string[] = ['ns/a', 'ns/b', 'ns/c', 'ns/d', 'other/a', 'other/b', 'other/c'];
const key = fc.constantFrom(...KEYS);
const editsOf = (...touches: readonly (Touch | undefined)[]): fc.Arbitrary<string> =>
  fc.constantFrom(...Object.keys(EDITS).filter((name) => touches.includes(EDITS[name]?.touches)));
const editName = fc.oneof(
  { weight: 5, arbitrary: editsOf('sharing') },
  { weight: 3, arbitrary: editsOf('request') },
  { weight: 3, arbitrary: editsOf('kind') },
  { weight: 2, arbitrary: editsOf('status', undefined) },
);
const poolName = fc.constantFrom('p', 'q', 'r', 's');
const which = fc.nat({ max: 2 });
const gapMs = fc.constantFrom(0, 5, 200, 4_000);

const service: fc.Arbitrary<NewService> = fc.record({
  families: fc.constantFrom('4', '4', '4', '6', '46', '64'),
  policy: fc.constantFrom('SingleStack', 'PreferDualStack', 'PreferDualStack', 'RequireDualStack'),
  born: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.constantFrom(['share as k'], ['share as k', 'serve TCP 81'], ['share as l']) },
    { weight: 1, arbitrary: fc.constantFrom(['ask for 192.0.2.3'], ['ask for pool q'], ['go local']) },
    { weight: 1, arbitrary: fc.uniqueArray(editName, { maxLength: 3 }) },
  ),
});

const rule = fc.constantFrom<PoolRule | undefined>(
  undefined,
  undefined,
  undefined,
  { namespaces: ['ns'] },
  { namespaces: ['other'], priority: 1 },
  { team: 'x', priority: 2 },
  { app: 'x' },
);
const pool: fc.Arbitrary<NewPool> = fc.record({
  blocks: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1, maxLength: 2 }),
  autoAssign: fc.constantFrom(true, true, true, false),
  avoidBuggyIPs: fc.constantFrom(false, false, false, true),
  broken: fc.constantFrom(false, false, false, false, false, true),
  rule,
});

function often<T>(weight: number, arbitrary: fc.Arbitrary<T>): { weight: number; arbitrary: fc.Arbitrary<T> } {
  return { weight, arbitrary };
}

function of<T extends Action['type'], F extends object>(
  type: T,
  fields: { [K in keyof F]: fc.Arbitrary<F[K]> },
): fc.Arbitrary<F & { readonly type: T }> {
  return fc.record(fields as { [K in keyof F]: fc.Arbitrary<F[K]> }).map((rest) => ({ type, ...(rest as F) }));
}

const action: fc.Arbitrary<Action> = fc.oneof<{ weight: number; arbitrary: fc.Arbitrary<Action> }[]>(
  often(8, of('create', { key, service })),
  often(3, of('delete', { key })),
  often(16, of('edit', { key, edit: editName })),
  often(2, of('copy status', { from: key, to: key })),
  often(3, of('apply pool', { name: poolName, pool })),
  often(1, of('delete pool', { name: poolName })),
  often(1, of('rename pool', { name: poolName, to: poolName, gapMs })),
  often(1, of('make pool again', { name: poolName, gapMs })),
  often(1, of('split pool', { name: poolName, to: poolName, gapMs })),
  often(1, of('shrink pool', { name: poolName })),
  often(2, of('break or mend pool', { name: poolName })),
  often(1, of('relabel', { namespace: fc.constantFrom('ns', 'other') })),
  often(2, fc.constant<Action>({ type: 'start' })),
  often(2, of('crash', { which, how: fc.constantFrom('container', 'pod', 'node') })),
  often(2, of('pause', { which, durationMs: fc.constantFrom(50, 3_000, 12_000, 30_000) })),
  often(1, of('suspend', { which, durationMs: fc.constantFrom(3_000, 25_000) })),
  often(2, of('replace', { which, gapMs })),
  often(3, of('hand over', { key, service, name: poolName, pool, gapMs: fc.constantFrom(300, 1_200, 2_500) })),
  often(2, of('break watch', { which, kind: fc.constantFrom('services', 'pools', 'namespaces') })),
  often(1, fc.constant<Action>({ type: 'MetalLB comes' })),
  often(2, fc.constant<Action>({ type: 'MetalLB goes' })),
  often(1, of('outage', { durationMs: fc.constantFrom(100, 3_000, 20_000) })),
  often(1, of('refuse', { durationMs: fc.constantFrom(100, 3_000, 20_000) })),
  often(4, fc.constant<Action>({ type: 'rest' })),
);

/** What may happen to a cluster in some minutes. */
export const histories: fc.Arbitrary<History> = fc.record({
  seed: fc.noShrink(fc.integer()),
  trouble: fc.constantFrom(0, 0, 0.05, 0.3),
  pools: fc.array(pool, { minLength: 1, maxLength: 3 }),
  services: fc.array(service, { minLength: 1, maxLength: 5, size: 'max' }),
  controllers: fc.constantFrom(1, 2, 2),
  actions: fc.array(fc.record({ afterMs: fc.constantFrom(0, 0, 5, 30, 300, 2_000, 12_000), action }), {
    minLength: 5,
    maxLength: 35,
    size: 'max',
  }),
});
