import type { OwnershipSign, QueryRound } from '@steelyard/testkit';

/** What a client saw: rounds of questions, the answers, and the announcements. */
export interface Seen {
  readonly rounds: readonly QueryRound[];
  readonly answers: readonly OwnershipSign[];
  readonly announcements: readonly OwnershipSign[];
}

/** How one address fared after something happened. */
export interface AddressTimeline {
  /** Nobody answered. */
  readonly ownerlessMs: number;
  /** Two or more answered the same question. */
  readonly twoOwnersMs: number;
  /** Until another than the owner before announced it; undefined if nobody did. */
  readonly firstAnnouncementMs: number | undefined;
  /** Until another than the owner before answered. */
  readonly firstAnswerMs: number | undefined;
}

/** A single answer that comes a little late is counted in the next round: silence is as many rounds without one. */
const SILENT_ROUNDS = 3;

/**
 * Reads the timeline of one address.
 *
 * @param fromMs - When it happened.
 * @param ownerBefore - The MAC address of who owned it until then.
 */
export function timelineOf(address: string, seen: Seen, fromMs: number, ownerBefore: string): AddressTimeline {
  const answers = seen.answers.filter((sign) => sign.address === address);
  const owners = new Map<number, Set<string>>();
  for (const { round, mac } of answers) owners.set(round, (owners.get(round) ?? new Set()).add(mac));
  let ownerlessMs = 0;
  let twoOwnersMs = 0;
  let silence: number[] = [];
  const endOfSilence = (): void => {
    if (silence.length >= SILENT_ROUNDS) ownerlessMs += silence.reduce((sum, each) => sum + each, 0);
    silence = [];
  };
  const rounds = seen.rounds.filter(({ atMs }) => atMs >= fromMs);
  for (const [index, { round, atMs }] of rounds.entries()) {
    const next = rounds[index + 1];
    if (next === undefined) break; // its answers may not be here yet
    const count = owners.get(round)?.size ?? 0;
    if (count === 0) silence.push(next.atMs - atMs);
    else endOfSilence();
    if (count > 1) twoOwnersMs += next.atMs - atMs;
  }
  endOfSilence();
  const firstOf = (signs: readonly OwnershipSign[]): number | undefined => {
    const first = signs.find((sign) => sign.address === address && sign.atMs >= fromMs && sign.mac !== ownerBefore);
    return first === undefined ? undefined : first.atMs - fromMs;
  };
  return {
    ownerlessMs,
    twoOwnersMs,
    firstAnnouncementMs: firstOf(seen.announcements),
    firstAnswerMs: firstOf(answers),
  };
}
