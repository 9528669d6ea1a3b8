import { encodeText } from '../msgpack/text.ts';
import { GREATEST_LABEL_OCTETS } from '../packet/label.ts';
import type { MemberlistConfig } from './configuration.ts';
import { LAN_CONFIG } from './defaults.ts';

/** The keys that hold numbers. */
export type NumericKey = {
  [Key in keyof MemberlistConfig]: MemberlistConfig[Key] extends number ? Key : never;
}[keyof MemberlistConfig];

/** What a number must be for the gossip to work. */
interface Bounds {
  readonly least: number;
  readonly greatest?: number;
  /** What a smaller one would do. */
  readonly otherwise: string;
  /** Whether it is a count, not a time. */
  readonly whole: boolean;
}

/** An `alive` for a name of some 40 octets, sealed: what no packet can hold is never told. */
const LEAST_UDP_BUFFER_OCTETS = 128;

/** The largest payload of UDP over IPv4: 65,535 less the headers of IP (20) and UDP (8). */
export const GREATEST_UDP_BUFFER_OCTETS = 65_507;

const BOUNDS: readonly (readonly [key: NumericKey, bounds: Bounds])[] = [
  ['tcpTimeoutMs', time('every TCP exchange would fail at once, and nobody could join')],
  ['indirectChecks', count(0, 'it is a number of members')],
  ['retransmitMult', count(0, 'it is a number of transmissions')],
  ['suspicionMult', count(1, 'a suspect would be declared dead at once, before it could contradict')],
  ['suspicionMaxTimeoutMult', count(1, 'a suspect would be declared dead at once, before it could contradict')],
  ['pushPullIntervalMs', time('it is an interval, and 0 leaves the periodic exchange out', 0)],
  ['probeIntervalMs', time('nobody would be probed, and no failure found')],
  ['probeTimeoutMs', time('every probe would fail before its answer could come')],
  ['awarenessMaxMultiplier', count(1, 'every probe would end at once, and find a failure')],
  ['gossipIntervalMs', time('nothing would be gossiped')],
  ['gossipNodes', count(1, 'nothing would be gossiped')],
  ['gossipToTheDeadTimeMs', time('it is a time', 0)],
  [
    'udpBufferSize',
    {
      ...count(LEAST_UDP_BUFFER_OCTETS, 'what is to be gossiped would fit into no packet'),
      greatest: GREATEST_UDP_BUFFER_OCTETS,
    },
  ],
  ['deadNodeReclaimTimeMs', time('it is a time', 0)],
  ['maxMembers', count(1, 'the gossip would have no members')],
];

function count(least: number, otherwise: string): Bounds {
  return { least, otherwise, whole: true };
}

/** @param least - A millisecond by default: no timer of ours is finer. */
function time(otherwise: string, least = 1): Bounds {
  return { least, otherwise, whole: false };
}

/** A number with which the gossip cannot work. */
export interface ConfigFault {
  readonly key: NumericKey;
  readonly value: number;
  /** What is wrong with it, and what to do. */
  readonly reason: string;
}

/** The first number with which the gossip cannot work. */
export function findConfigFault(config: MemberlistConfig): ConfigFault | undefined {
  for (const [key, bounds] of BOUNDS) {
    const reason = faultOf(config[key], bounds, LAN_CONFIG[key]);
    if (reason !== undefined) return { key, value: config[key], reason };
  }
  return undefined;
}

function faultOf(value: number, bounds: Bounds, usual: number): string | undefined {
  const remedy = `the usual value is ${usual}`;
  if (!Number.isFinite(value) || (bounds.whole && !Number.isInteger(value))) {
    return `not ${bounds.whole ? 'a whole' : 'a finite'} number; ${remedy}`;
  }
  if (value < bounds.least) return `less than ${bounds.least}: ${bounds.otherwise}; ${remedy}`;
  if (bounds.greatest !== undefined && value > bounds.greatest) {
    return `more than ${bounds.greatest}, which no datagram can carry; ${remedy}`;
  }
  return undefined;
}

/**
 * Refuses what cannot work, each with the key, the value and a remedy.
 *
 * @throws RangeError
 */
export function checkMemberlistConfig(config: MemberlistConfig): void {
  const fault = findConfigFault(config);
  if (fault !== undefined) throw new RangeError(`${fault.key} is ${fault.value}: ${fault.reason}`);
  if (encodeText(config.label).length > GREATEST_LABEL_OCTETS) {
    throw new RangeError(
      `label is ${JSON.stringify(config.label)}: a label has at most ${GREATEST_LABEL_OCTETS} octets of UTF-8`,
    );
  }
}
