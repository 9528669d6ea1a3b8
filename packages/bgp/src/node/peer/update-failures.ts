import type { UpdateMessage } from '../../update/update-message.ts';
import type { BgpPeerEvent } from '../options.ts';

const QUIET_MS = 1_000;

/** Tells of UPDATEs that were not taken as they came, at most once a second, whatever a peer sends. */
export class UpdateFailures {
  #quietUntilMs: number = Number.NEGATIVE_INFINITY;
  #suppressed: number = 0;

  /** @returns What to tell, if it is time. */
  add({ failures }: UpdateMessage, nowMs: number): BgpPeerEvent | undefined {
    const [first, ...more] = failures;
    if (first === undefined) return undefined;
    if (nowMs < this.#quietUntilMs) {
      this.#suppressed += 1;
      return undefined;
    }
    const consequence = failures.some(({ scope }) => scope === 'withdraw')
      ? 'what it announces counts as withdrawn'
      : 'the attribute is ignored';
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
    const suppressed = this.#suppressed;
    this.#quietUntilMs = nowMs + QUIET_MS;
    this.#suppressed = 0;
    return { type: 'updateFailed', message: `${first.message}${others}: ${consequence} (RFC 7606)`, suppressed };
  }
}
