import type { BgpPeerSessionView } from './session-view.ts';

/** The status of a BGPPeerSession as a merge patch has it: null is absent. */
export type BgpPeerSessionStatus = Readonly<Record<string, string | number | readonly string[] | null>>;

const MAX_TEXT_CHARACTERS = 1024;
const MAX_CAPABILITIES = 64;
const MAX_CAPABILITY_CHARACTERS = 128;
/** The last moment that RFC 3339 can write. */
const MAX_TIME_MS = Date.UTC(9999, 11, 31, 23, 59, 59);
/** A moment that was counted back from a clock that only runs forward comes out a little different each time. */
const SAME_MOMENT_MS = 2_000;
const TIMES = ['stateSince', 'establishedAt', 'lastErrorTime'] as const;
/** What changes with every Service, on every node. */
const COUNT_FIELDS: ReadonlySet<string> = new Set(['prefixesAnnounced', 'prefixesUnsendable']);
/** What changes with each attempt at a session that does not come up. */
const ATTEMPT_FIELDS: ReadonlySet<string> = new Set(['state', 'stateSince', 'lastErrorTime']);

/** What is to be shown of a session. */
export function sessionStatusOf(node: string, peer: string, view: BgpPeerSessionView): BgpPeerSessionStatus {
  return {
    node,
    peer,
    address: view.address,
    port: view.port,
    localASN: view.localAsn,
    peerASN: view.peerAsn,
    routerID: view.routerId ?? null,
    localAddress: view.localAddress ?? null,
    state: view.state,
    stateSince: timeOf(view.stateSinceMs),
    establishedAt: timeOf(view.establishedAtMs),
    lastError: view.lastError === undefined ? null : shown(view.lastError.text, MAX_TEXT_CHARACTERS),
    lastErrorTime: timeOf(view.lastError?.atMs),
    holdTimeSeconds: view.holdTimeSeconds ?? null,
    keepaliveMs: view.keepaliveTimeMs ?? null,
    sentCapabilities: capabilities(view.sentCapabilities),
    receivedCapabilities: capabilities(view.receivedCapabilities),
    prefixesAnnounced: view.prefixesAnnounced,
    prefixesUnsendable: view.prefixesUnsendable,
    unsendableReason: view.unsendableBecause === undefined ? null : shown(view.unsendableBecause, MAX_TEXT_CHARACTERS),
  };
}

/** The same with the moments that are shown already, where they are the same moments. */
export function withShownTimes(
  wanted: BgpPeerSessionStatus,
  written: Readonly<Record<string, unknown>>,
): BgpPeerSessionStatus {
  const kept = TIMES.filter((field) => {
    const [then, now] = [written[field], wanted[field]];
    return (
      typeof then === 'string' &&
      typeof now === 'string' &&
      Math.abs(Date.parse(then) - Date.parse(now)) <= SAME_MOMENT_MS
    );
  });
  return { ...wanted, ...Object.fromEntries(kept.map((field) => [field, String(written[field])])) };
}

/**
 * How a status that is written differs from the one that is wanted: not at all; in counts alone, or in the course of
 * attempts while no session comes up (`minor`); or in what somebody wants to see at once.
 */
export function differenceOf(
  wanted: BgpPeerSessionStatus,
  written: Readonly<Record<string, unknown>>,
): 'none' | 'minor' | 'news' {
  const fields = new Set([...Object.keys(wanted), ...Object.keys(written)]);
  const different = [...fields].filter((field) => !sameValue(wanted[field] ?? null, written[field] ?? null));
  if (different.length === 0) return 'none';
  const isDown = wanted['state'] !== 'Established' && written['state'] !== 'Established';
  const isMinor = (field: string): boolean => COUNT_FIELDS.has(field) || (isDown && ATTEMPT_FIELDS.has(field));
  return different.every(isMinor) ? 'minor' : 'news';
}

function sameValue(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function timeOf(ms: number | undefined): string | null {
  if (ms === undefined || !(ms >= 0 && ms <= MAX_TIME_MS)) return null;
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

function capabilities(texts: readonly string[]): readonly string[] {
  return texts.slice(0, MAX_CAPABILITIES).map((text) => shown(text, MAX_CAPABILITY_CHARACTERS));
}

/** Much of it comes from the peer. */
function shown(text: string, maxCharacters: number): string {
  const clean = text.toWellFormed().replace(/\p{Cc}/gu, ' ');
  return clean.length > maxCharacters ? `${[...clean.slice(0, maxCharacters - 1)].join('').toWellFormed()}…` : clean;
}
