import { notice, type Turn } from '../turn.ts';

/**
 * Notices that this process did not run: it was stopped, starved, or busy. The time in which it slept is not time in
 * which others were silent, so whatever would accuse somebody is put off by as much; answers and refutations that wait in
 * the socket come first. Go's library has no such thing: there, timers that ran out race with the packets that wait.
 *
 * Half a probe's time-out is where it begins to matter: less cannot by itself turn an answer into none.
 */
export function noticeStall(turn: Turn): void {
  const { state, nowMs, config } = turn;
  const wantedMs = state.deadlines.first()?.atMs;
  if (wantedMs === undefined) return;
  const lateMs = nowMs - wantedMs;
  if (lateMs <= config.probeTimeoutMs / 2) return;
  // All by the same: their order stays, and what was due first is due now.
  for (const deadline of state.deadlines.items()) {
    deadline.atMs += lateMs;
    const { subject } = deadline;
    if (subject.type === 'suspicion' && subject.entry.suspicion !== undefined)
      subject.entry.suspicion.startMs += lateMs;
  }
  if (state.probe !== undefined) state.probe.endsAtMs += lateMs;
  notice(turn, 'debug', 'this process did not run for a while: nobody is accused for that time', { lateMs });
}
