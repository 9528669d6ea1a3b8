import type { OwnerReference } from '../status/object-metadata.ts';
import type { StateCondition, StateObject } from './state-object.ts';

/** What a process says of the configuration that it has read. */
export type ConfigurationReport =
  | { readonly valid: true }
  /** What is wrong, each in one line or more. None at all is valid. */
  | { readonly errors: readonly string[] }
  /** It cannot be told, and why: a list that is refused, for instance. */
  | { readonly unknown: string };

/** What the object shall be. */
export interface WantedState {
  readonly labels: Readonly<Record<string, string>>;
  /** The Pod that it shall go with; undefined for a process without one. */
  readonly owner: { readonly name: string; readonly uid: string } | undefined;
  readonly conditionType: string;
  /** Undefined until something was reported. */
  readonly report: ConfigurationReport | undefined;
}

/** The next write towards it. */
export type StateWrite =
  | {
      readonly type: 'create';
      readonly labels: Readonly<Record<string, string>>;
      readonly ownerReferences: readonly OwnerReference[];
    }
  | {
      readonly type: 'metadata';
      readonly resourceVersion: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly ownerReferences: readonly OwnerReference[];
    }
  /** `all`: the conditions of others too, for a server that takes only whole lists. */
  | {
      readonly type: 'condition';
      readonly resourceVersion: string;
      readonly condition: StateCondition;
      readonly all: readonly StateCondition[];
    }
  | { readonly type: 'result'; readonly result: string; readonly errorSummary: string };

/** metav1.Condition's maximum is 32,768 characters. */
const MAX_MESSAGE_LENGTH = 32_000;
const MAX_SUMMARY_LENGTH = 64_000;
const MAX_OWNERS = 32;
const REASON_INVALID = 'ConfigurationError';
const REASON_UNKNOWN = 'UnknownError';

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  // Not in the middle of a pair of surrogates: half of one is no valid text.
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Whole errors as long as there is room, then how many more there are. */
function joined(errors: readonly string[], length: number): string {
  const shown: string[] = [];
  let left = length - 40;
  for (const error of errors) {
    if (shown.length > 0 && error.length + 1 > left) break;
    shown.push(cut(error, Math.max(1, left)));
    left -= error.length + 1;
  }
  const more = errors.length - shown.length;
  return more === 0 ? shown.join('\n') : `${shown.join('\n')}\n… and ${more} more`;
}

/** @see MetalLB `internal/k8s/controllers/pool_controller.go`, `reportCondition` */
function conditionOf(
  type: string,
  report: ConfigurationReport,
  previous: StateCondition | undefined,
  now: string,
): StateCondition {
  const say = (status: string, reason: string, message: string): StateCondition => {
    // MetalLB sets it to now each time; here it is what its name says.
    const kept = previous?.status === status && !Number.isNaN(Date.parse(previous.lastTransitionTime));
    return { type, status, reason, message, lastTransitionTime: kept ? previous.lastTransitionTime : now };
  };
  if ('unknown' in report) return say('False', REASON_UNKNOWN, cut(report.unknown, MAX_MESSAGE_LENGTH));
  if (!('errors' in report) || report.errors.length === 0) return say('True', 'Reconciled', '');
  return say('False', REASON_INVALID, `configuration error: ${joined(report.errors, MAX_MESSAGE_LENGTH - 30)}`);
}

/**
 * Invalid if any condition says so. One that is unknown makes it Unknown, where MetalLB says Valid (metallb-behaviour 12, 9).
 *
 * @see MetalLB `internal/k8s/controllers/configuration_state_controller.go`
 */
function resultOf(conditions: readonly StateCondition[]): { readonly result: string; readonly errorSummary: string } {
  const messagesOf = (reason: string): string[] =>
    conditions.filter((one) => one.status === 'False' && one.reason === reason).map(({ message }) => message);
  const summary = (messages: readonly string[]): string => cut(messages.join('\n'), MAX_SUMMARY_LENGTH);
  const invalid = messagesOf(REASON_INVALID);
  if (invalid.length > 0) return { result: 'Invalid', errorSummary: summary(invalid) };
  const unknown = messagesOf(REASON_UNKNOWN);
  if (unknown.length > 0) return { result: 'Unknown', errorSummary: summary(unknown) };
  return { result: conditions.length > 0 ? 'Valid' : 'Unknown', errorSummary: '' };
}

/** With our Pod among the owners: in the place of an earlier one of its name, beside all others, which the garbage collector removes. */
function withOwner(references: readonly OwnerReference[], owner: WantedState['owner']): readonly OwnerReference[] {
  if (owner === undefined || references.some(({ uid }) => uid === owner.uid)) return references;
  const own = { apiVersion: 'v1', kind: 'Pod', name: owner.name, uid: owner.uid };
  const others = references.filter(({ kind, name }) => kind !== 'Pod' || name !== owner.name);
  return [...others.slice(-(MAX_OWNERS - 1)), own];
}

function sameCondition(a: StateCondition | undefined, b: StateCondition): boolean {
  return (
    a?.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.lastTransitionTime === b.lastTransitionTime
  );
}

/** One write at a time: what it makes of the object is looked at before the next. Undefined when nothing is to be written. */
export function nextWrite(state: StateObject | undefined, wanted: WantedState, now: string): StateWrite | undefined {
  const ownerReferences = withOwner(state?.ownerReferences ?? [], wanted.owner);
  if (state === undefined) return { type: 'create', labels: wanted.labels, ownerReferences };
  const labelled = Object.entries(wanted.labels).every(([name, value]) => state.labels[name] === value);
  if (!labelled || ownerReferences !== state.ownerReferences) {
    return { type: 'metadata', resourceVersion: state.resourceVersion, labels: wanted.labels, ownerReferences };
  }
  if (wanted.report === undefined) return undefined;
  const previous = state.conditions.find(({ type }) => type === wanted.conditionType);
  const condition = conditionOf(wanted.conditionType, wanted.report, previous, now);
  if (!sameCondition(previous, condition)) {
    const others = state.conditions.filter(({ type }) => type !== wanted.conditionType);
    return { type: 'condition', resourceVersion: state.resourceVersion, condition, all: [...others, condition] };
  }
  const { result, errorSummary } = resultOf(state.conditions);
  if (state.result === result && state.errorSummary === errorSummary) return undefined;
  return { type: 'result', result, errorSummary };
}
