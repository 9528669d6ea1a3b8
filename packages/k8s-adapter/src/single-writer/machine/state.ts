import type { WriterRecord } from '../record.ts';

/** Another controller's Pod, alive as far as the API server knows. */
export interface OtherPod {
  readonly name: string;
  /** Without tag and digest: the same repository is the same program. */
  readonly repository: string;
}

export interface SingleWriterConfig {
  readonly identity: string;
  /** Empty where it does not run in a Pod. */
  readonly podName: string;
  /** Of the own image; empty where it is not known. */
  readonly repository: string;
  readonly leaseDurationSeconds: number;
  /** A write may take this long: none is begun with less left. */
  readonly requestTimeoutMs: number;
  /** How long a living holder has to renew once there is something to write. */
  readonly graceMs: number;
  /** Between two looks at the other Pods, and for how long at most one waits for them. */
  readonly strangersPollMs: number;
  readonly strangersMaxMs: number;
  /** Between two looks of one who stands by; and at least, however much is wanted. */
  readonly standbyPollMs: number;
  readonly minReadGapMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
}

export type Phase =
  /** Neither the record nor the Pods are known yet. */
  | 'starting'
  /** A controller that knows no record is alive, MetalLB's for instance. */
  | 'waiting'
  | 'standby'
  /** The record is ours; what the one before wrote may not have been seen yet. */
  | 'catchingUp'
  | 'holding'
  /** Letting go. */
  | 'stopping'
  | 'stopped';

/** What was last read or written. */
export interface Seen {
  readonly record: WriterRecord | undefined;
  /** The resource version to write on; undefined where there is no object. */
  readonly version: string | undefined;
  /** When this term was first seen, by our own clock: not before it began. */
  readonly changedAtMs: number;
}

export type WritePurpose = 'acquire' | 'renew' | 'register' | 'release';

export type Operation =
  | { readonly kind: 'read'; readonly askedAtMs: number }
  | {
      readonly kind: 'write';
      readonly purpose: WritePurpose;
      readonly record: WriterRecord;
      readonly sentAtMs: number;
    };

export interface SingleWriterState {
  readonly phase: Phase;
  readonly startedAtMs: number;
  readonly seen: Seen | undefined;
  /** When the last read that succeeded was asked. */
  readonly readAskedAtMs: number;
  /** With the API server: one at a time. */
  readonly operation: Operation | undefined;
  /** The outcome of a write is not known until the record has been read. */
  readonly mustRead: boolean;
  readonly nextReadAtMs: number;
  readonly failures: number;
  /** Terms that we sent and that may come to be: by their renewal, when they were sent. */
  readonly attempts: readonly { readonly renewMicros: number; readonly sentAtMs: number }[];
  /** Until then, by our own clock, nobody else takes the record. */
  readonly leaseUntilMs: number;
  readonly renewWanted: boolean;
  readonly wantedAtMs: number | undefined;
  /** The holder whose Pod is known to have ended. */
  readonly goneHolder: string | undefined;
  /** The record was lost while this one held it, who may count on it until then. */
  readonly lostHolder: string;
  readonly vacantFromMs: number;
  readonly pods: {
    readonly off: boolean;
    readonly listing: boolean;
    readonly listedAtMs: number;
    readonly nextAtMs: number;
    readonly others: readonly OtherPod[];
    /** Waited for long enough. */
    readonly tolerated: readonly string[];
  };
  readonly waitUntilMs: number;
  readonly catchingUp: boolean;
  readonly nextCatchUpAtMs: number;
  /** Who held it before us; empty for nobody. */
  readonly predecessor: string;
  readonly hasHeld: boolean;
}

/** `nowMs` is a monotonic clock's, `wallMs` a calendar's that nothing is decided by. */
interface At {
  readonly nowMs: number;
  readonly wallMs: number;
}

export type SingleWriterEvent = At &
  (
    | { readonly type: 'start' }
    /** Time has passed. */
    | { readonly type: 'tick' }
    | {
        readonly type: 'recordRead';
        readonly record: WriterRecord | undefined;
        readonly version: string | undefined;
      }
    | { readonly type: 'readFailed' }
    | { readonly type: 'written'; readonly version: string }
    /** Refused because the record has changed, or without an answer: only a read tells. */
    | { readonly type: 'writeConflict' }
    | { readonly type: 'writeFailed' }
    | { readonly type: 'podsListed'; readonly others: readonly OtherPod[] }
    | { readonly type: 'podsUnknown' }
    | { readonly type: 'podsForbidden' }
    | { readonly type: 'holderGone'; readonly holder: string }
    /** There may be something to write, for whoever holds the record. */
    | { readonly type: 'wanted' }
    /** A write waits for the lease. */
    | { readonly type: 'renew' }
    /** A write leaves. */
    | { readonly type: 'writing' }
    | { readonly type: 'caughtUp' }
    | { readonly type: 'catchUpFailed' }
    /** The machine may have slept: what the monotonic clock says is no proof. */
    | { readonly type: 'clockJumped' }
    | { readonly type: 'release' }
  );

export type SingleWriterEffect =
  | { readonly type: 'read' }
  | {
      readonly type: 'write';
      readonly purpose: WritePurpose;
      readonly record: WriterRecord;
      readonly version: string | undefined;
    }
  | { readonly type: 'listPods' }
  /** Look whether this holder's Pod has ended. */
  | { readonly type: 'readHolderPod'; readonly holder: string; readonly podName: string }
  | { readonly type: 'catchUp' }
  | { readonly type: 'tookOver'; readonly predecessor: string }
  | { readonly type: 'stoodDown'; readonly because: string }
  | { readonly type: 'strangers'; readonly pods: readonly string[]; readonly waiting: boolean };

export interface SingleWriterStep {
  readonly state: SingleWriterState;
  readonly effects: readonly SingleWriterEffect[];
}

export function initialState(nowMs: number): SingleWriterState {
  const never = Number.NEGATIVE_INFINITY;
  return {
    phase: 'starting',
    startedAtMs: nowMs,
    seen: undefined,
    readAskedAtMs: never,
    operation: undefined,
    mustRead: false,
    nextReadAtMs: never,
    failures: 0,
    attempts: [],
    leaseUntilMs: never,
    renewWanted: false,
    wantedAtMs: undefined,
    goneHolder: undefined,
    lostHolder: '',
    vacantFromMs: never,
    pods: { off: false, listing: false, listedAtMs: never, nextAtMs: never, others: [], tolerated: [] },
    waitUntilMs: Number.POSITIVE_INFINITY,
    catchingUp: false,
    nextCatchUpAtMs: never,
    predecessor: '',
    hasHeld: false,
  };
}
