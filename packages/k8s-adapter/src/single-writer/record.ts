/**
 * Who may write, as it is kept in the API server: the fields of client-go's LeaderElectionRecord, and who takes part.
 * Times are only there to be read by people and to make each renewal differ: no two machines' clocks are compared.
 */
export interface WriterRecord {
  /** Empty: nobody, the last holder has let go. */
  readonly holder: string;
  readonly acquireMicros: number;
  readonly renewMicros: number;
  readonly leaseDurationSeconds: number;
  readonly transitions: number;
  /** Names of Pods that keep to this record: they are no strangers. The newest last. */
  readonly participants: readonly string[];
}

export const NOBODY: WriterRecord = {
  holder: '',
  acquireMicros: 0,
  renewMicros: 0,
  leaseDurationSeconds: 15,
  transitions: 0,
  participants: [],
};

const MAX_PARTICIPANTS = 8;
const MAX_DURATION_SECONDS = 3600;
const MAX_IDENTITY_LENGTH = 512;
const POD_NAME = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;

/** Of a process in a Pod: the Pod's name, and what differs from one start to the next. No other identity looks like that. */
export function podIdentity(podName: string, bootId: string): string {
  return `${podName}_${bootId}`;
}

/** Of a process that was started by hand. */
export function hostIdentity(hostname: string, bootId: string): string {
  return `host/${hostname}_${bootId}`;
}

/** The Pod of an identity; undefined for one that is no Pod's. */
export function podOf(identity: string): string | undefined {
  const end = identity.lastIndexOf('_');
  const name = identity.slice(0, Math.max(0, end));
  return POD_NAME.test(name) ? name : undefined;
}

export function withParticipant(participants: readonly string[], podName: string): readonly string[] {
  if (podName === '' || participants.includes(podName)) return participants;
  return [...participants, podName].slice(-MAX_PARTICIPANTS);
}

/** Whether the holder did nothing in between. */
export function sameTerm(a: WriterRecord | undefined, b: WriterRecord | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.holder === b.holder && a.renewMicros === b.renewMicros && a.transitions === b.transitions;
}

/** How long this record holds from its last change on. */
export function durationMs(record: WriterRecord): number {
  return record.leaseDurationSeconds * 1000;
}

/** RFC 3339 with microseconds, as `metav1.MicroTime`. */
export function formatMicros(micros: number): string {
  const text = new Date(Math.floor(micros / 1000)).toISOString();
  return text.replace('Z', `${String(micros % 1000).padStart(3, '0')}Z`);
}

export function parseMicros(text: unknown): number | undefined {
  if (typeof text !== 'string' || text.length > 40) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms) || ms < 0) return undefined;
  const micros = /\.\d{3}(\d{3})/.exec(text)?.[1] ?? '0';
  return Math.floor(ms) * 1000 + Number(micros);
}

function integer(value: unknown, min: number, max: number): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}

/** Reads the fields of a Lease's spec, or of the annotation; undefined for what is no record, and then nobody holds it. */
export function parseRecord(
  fields: Readonly<Record<string, unknown>>,
  participants: unknown,
): WriterRecord | undefined {
  const holder = fields['holderIdentity'] ?? '';
  if (typeof holder !== 'string' || holder.length > MAX_IDENTITY_LENGTH) return undefined;
  const leaseDurationSeconds = integer(fields['leaseDurationSeconds'], 1, MAX_DURATION_SECONDS);
  if (leaseDurationSeconds === undefined) return undefined;
  return {
    holder,
    acquireMicros: parseMicros(fields['acquireTime']) ?? 0,
    renewMicros: parseMicros(fields['renewTime']) ?? 0,
    leaseDurationSeconds,
    transitions: integer(fields['leaseTransitions'], 0, Number.MAX_SAFE_INTEGER) ?? 0,
    participants: (typeof participants === 'string' ? participants.slice(0, 4096).split(',') : [])
      .filter((name) => POD_NAME.test(name))
      .slice(-MAX_PARTICIPANTS),
  };
}

/** The fields of a Lease's spec. Nobody is no identity at all: the API server refuses an empty one. */
export function formatRecord(record: WriterRecord): Readonly<Record<string, unknown>> {
  return {
    ...(record.holder === '' ? {} : { holderIdentity: record.holder }),
    leaseDurationSeconds: record.leaseDurationSeconds,
    leaseTransitions: record.transitions,
    ...(record.acquireMicros > 0 ? { acquireTime: formatMicros(record.acquireMicros) } : {}),
    ...(record.renewMicros > 0 ? { renewTime: formatMicros(record.renewMicros) } : {}),
  };
}

/** Names joined, for an annotation. */
export function formatParticipants(record: WriterRecord): string {
  return record.participants.join(',');
}
