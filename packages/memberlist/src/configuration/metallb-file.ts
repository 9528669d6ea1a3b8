import { type ConfigFault, findConfigFault, GREATEST_UDP_BUFFER_OCTETS, type NumericKey } from './check.ts';
import type { MemberlistConfig } from './configuration.ts';
import { LAN_CONFIG } from './defaults.ts';
import { parseGoDuration } from './go-duration.ts';

/** What a file of MetalLB's says, or why it cannot be used. */
export type MetalLbConfigOutcome =
  | {
      readonly ok: true;
      readonly config: MemberlistConfig;
      /** What the file may say, and its author perhaps did not mean. */
      readonly warnings: readonly string[];
    }
  | {
      readonly ok: false;
      readonly failure: { readonly code: 'ERR_MEMBERLIST_CONFIG_INVALID'; readonly message: string };
    };

type BooleanKey = 'disableTcpPings' | 'gossipVerifyIncoming' | 'gossipVerifyOutgoing' | 'enableCompression';

/** A key of the file and, where it means something to us, ours. */
type FileKey =
  | { readonly name: string; readonly kind: 'duration' | 'count'; readonly key?: NumericKey }
  | { readonly name: string; readonly kind: 'boolean'; readonly key: BooleanKey };

/** The durations are in the order in which MetalLB reads them. */
const FILE_KEYS: readonly FileKey[] = [
  { name: 'TCPTimeout', kind: 'duration', key: 'tcpTimeoutMs' },
  { name: 'PushPullInterval', kind: 'duration', key: 'pushPullIntervalMs' },
  { name: 'ProbeTimeout', kind: 'duration', key: 'probeTimeoutMs' },
  { name: 'ProbeInterval', kind: 'duration', key: 'probeIntervalMs' },
  { name: 'GossipInterval', kind: 'duration', key: 'gossipIntervalMs' },
  { name: 'GossipToTheDeadTime', kind: 'duration', key: 'gossipToTheDeadTimeMs' },
  // It only paces a warning of Go's library.
  { name: 'QueueCheckInterval', kind: 'duration' },
  { name: 'IndirectChecks', kind: 'count', key: 'indirectChecks' },
  { name: 'RetransmitMult', kind: 'count', key: 'retransmitMult' },
  { name: 'SuspicionMult', kind: 'count', key: 'suspicionMult' },
  { name: 'SuspicionMaxTimeoutMult', kind: 'count', key: 'suspicionMaxTimeoutMult' },
  { name: 'AwarenessMaxMultiplier', kind: 'count', key: 'awarenessMaxMultiplier' },
  { name: 'GossipNodes', kind: 'count', key: 'gossipNodes' },
  { name: 'UDPBufferSize', kind: 'count', key: 'udpBufferSize' },
  // We have no such queue, but a speaker of MetalLB that reads the same file would drop all gossip.
  { name: 'HandoffQueueDepth', kind: 'count' },
  { name: 'DisableTcpPings', kind: 'boolean', key: 'disableTcpPings' },
  { name: 'GossipVerifyIncoming', kind: 'boolean', key: 'gossipVerifyIncoming' },
  { name: 'GossipVerifyOutgoing', kind: 'boolean', key: 'gossipVerifyOutgoing' },
  { name: 'EnableCompression', kind: 'boolean', key: 'enableCompression' },
];

/** `DefaultLANConfig` of hashicorp/memberlist. */
const USUAL_HANDOFF_QUEUE_DEPTH = 1024;

/**
 * Reads the file by which MetalLB's speakers are told the timing of their gossip, as they do: on top of the LAN's
 * values, with durations in Go's words, all of which must be there, and 0 or false for what else is missing.
 *
 * What would silence the gossip is refused, which MetalLB does not do: `"HandoffQueueDepth": 0`, left out by mistake,
 * makes a speaker of MetalLB deaf.
 *
 * @param text - JSON.
 * @returns The configuration, or why there is none. Never throws.
 * @see metallb/metallb `internal/speakerlist/speakerlist.go`, `tryToLoadMemberListConfig`
 */
export function parseMetalLbMemberlistConfig(text: string): MetalLbConfigOutcome {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    return refused(`parsing memberlist config file: ${error instanceof Error ? error.message : 'not JSON'}`);
  }
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    return refused('parsing memberlist config file: not an object');
  }
  const { values, warnings } = assign(file);
  return configure(values, warnings);
}

function refused(message: string): MetalLbConfigOutcome {
  return { ok: false, failure: { code: 'ERR_MEMBERLIST_CONFIG_INVALID', message } };
}

/** Finds each key's value as Go's decoder does: by its exact name or in any case, the last one wins, null is nothing. */
function assign(file: object): { values: ReadonlyMap<string, unknown>; warnings: string[] } {
  const values = new Map<string, unknown>();
  const warnings: string[] = [];
  for (const [name, value] of Object.entries(file)) {
    const known =
      FILE_KEYS.find((key) => key.name === name) ??
      FILE_KEYS.find((key) => key.name.toLowerCase() === name.toLowerCase());
    if (known === undefined) warnings.push(`${JSON.stringify(name)} is no key of the memberlist config file`);
    else if (value !== null) values.set(known.name, value);
  }
  return { values, warnings };
}

function configure(values: ReadonlyMap<string, unknown>, warnings: string[]): MetalLbConfigOutcome {
  for (const { name, kind } of FILE_KEYS) {
    const value = values.get(name);
    if (value !== undefined && !fits(kind, value)) {
      return refused(`parsing memberlist config file: ${name} is ${JSON.stringify(value)}, not ${WORD[kind]}`);
    }
  }
  const config: { -readonly [Key in keyof MemberlistConfig]: MemberlistConfig[Key] } = { ...LAN_CONFIG };
  for (const file of FILE_KEYS) {
    const value = values.get(file.name);
    if (value === undefined && file.kind !== 'duration') {
      warnings.push(`${file.name} is missing, which means ${file.kind === 'count' ? 0 : false}`);
    }
    if (file.kind === 'boolean') {
      config[file.key] = value === true;
      continue;
    }
    const number = file.kind === 'count' ? Number(value ?? 0) : milliseconds(file.name, value);
    if (typeof number === 'string') return refused(number);
    if (file.key !== undefined) config[file.key] = number;
  }
  return judge(config, Number(values.get('HandoffQueueDepth') ?? 0), warnings);
}

const WORD: Readonly<Record<FileKey['kind'], string>> = {
  duration: 'a string with a duration, such as "200ms"',
  count: 'an integer',
  boolean: 'true or false',
};

function fits(kind: FileKey['kind'], value: unknown): boolean {
  if (kind === 'count') return Number.isSafeInteger(value);
  return typeof value === (kind === 'duration' ? 'string' : 'boolean');
}

/** The duration, or MetalLB's words about it. */
function milliseconds(name: string, value: unknown): number | string {
  const text = typeof value === 'string' ? value : '';
  const duration = parseGoDuration(text);
  if (duration.ok) return duration.milliseconds;
  return `parsing ${name} ${JSON.stringify(text)} in memberlist config file: ${duration.message}`;
}

function judge(
  config: { -readonly [Key in keyof MemberlistConfig]: MemberlistConfig[Key] },
  handoffQueueDepth: number,
  warnings: string[],
): MetalLbConfigOutcome {
  if (handoffQueueDepth < 1) {
    return refused(
      `HandoffQueueDepth is ${handoffQueueDepth} in memberlist config file: less than 1: all gossip would be dropped; the usual value is ${USUAL_HANDOFF_QUEUE_DEPTH}`,
    );
  }
  if (config.udpBufferSize > GREATEST_UDP_BUFFER_OCTETS) {
    warnings.push(`UDPBufferSize is ${config.udpBufferSize}, of which a datagram holds ${GREATEST_UDP_BUFFER_OCTETS}`);
    config.udpBufferSize = GREATEST_UDP_BUFFER_OCTETS;
  }
  // For Go's library less than 0 means what 0 means: never.
  config.pushPullIntervalMs = Math.max(0, config.pushPullIntervalMs);
  config.gossipToTheDeadTimeMs = Math.max(0, config.gossipToTheDeadTimeMs);
  const fault = findConfigFault(config);
  if (fault !== undefined) return refused(faultMessage(fault));
  if (!config.gossipVerifyIncoming)
    warnings.push('GossipVerifyIncoming is false: also what is not encrypted is believed');
  if (!config.gossipVerifyOutgoing) warnings.push('GossipVerifyOutgoing is false: nothing is encrypted');
  return { ok: true, config, warnings };
}

/** Named as in the file. */
function faultMessage({ key, value, reason }: ConfigFault): string {
  const file = FILE_KEYS.find((candidate) => candidate.key === key);
  const unit = file?.kind === 'duration' ? ' ms' : '';
  return `${file?.name ?? key} is ${value}${unit} in memberlist config file: ${reason}${unit}`;
}
