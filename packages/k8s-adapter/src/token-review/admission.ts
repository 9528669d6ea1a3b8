/** How many reviews may be under way, and how often strangers may cause one: a flood of tokens must not reach the API server. */
export interface Admission {
  /** Runs it now, or in its turn; rejects with a `BusyError` when there are too many. */
  run<Value>(known: boolean, review: () => Promise<Value>): Promise<Value>;
}

class BusyError extends Error {}

// Status writes share the client; reviews take an eighth of its places.
const MAX_UNDER_WAY = 4;
const MAX_WAITING = 64;
// client-go's default for a controller is 20 requests a second, bursts of 30 (controller-runtime pkg/client/config).
const STRANGERS_PER_SECOND = 20;
const STRANGERS_AT_ONCE = 30;

/** `known`: the token was somebody's before. Its bearer does not pay for the flood that strangers make. */
export function createAdmission(nowMs: () => number): Admission {
  let underWay = 0;
  const waiting: (() => void)[] = [];
  let tickets = STRANGERS_AT_ONCE;
  let ticketsAtMs = nowMs();

  function takeTicket(): boolean {
    const now = nowMs();
    tickets = Math.min(STRANGERS_AT_ONCE, tickets + (Math.max(0, now - ticketsAtMs) / 1000) * STRANGERS_PER_SECOND);
    ticketsAtMs = now;
    if (tickets < 1) return false;
    tickets--;
    return true;
  }

  return {
    async run(known, review) {
      if (!known && !takeTicket()) throw new BusyError('too many unknown tokens');
      if (underWay >= MAX_UNDER_WAY) {
        if (waiting.length >= MAX_WAITING) throw new BusyError('too many token reviews are under way');
        await new Promise<void>((resolve) => {
          if (known) waiting.unshift(resolve);
          else waiting.push(resolve);
        });
      } else {
        underWay++;
      }
      try {
        return await review();
      } finally {
        const next = waiting.shift();
        if (next === undefined) underWay--;
        else next(); // the place passes on
      }
    },
  };
}
