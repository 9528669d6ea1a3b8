import type { ListWatch } from '../list-watch/options.ts';
import { isAtLeast } from '../list-watch/progress.ts';
import type { AnnouncementStatus } from './status-object.ts';

/** What our own writes will make the watch tell: until it does, what is known of a Service is older than what we did. */
export interface Expectations {
  /** @param resourceVersion - That the object has now; `gone` when we have deleted it. */
  expect(serviceKey: string, uid: string, resourceVersion: string | 'gone'): void;
  has(serviceKey: string): boolean;
  /** Whether something is still to come; what has come is forgotten. */
  pendingFor(serviceKey: string): boolean;
  stop(): void;
}

/** The watch brings a write within milliseconds. What it has not brought by then, it may have told before we asked. */
const OVERDUE_MS = 5_000;

/**
 * As client-go's controllers have them (`controller_utils.go`, `ControllerExpectations`): without, a second look would make a
 * second object beside the one that the watch has not brought yet.
 *
 * @param wake - What was waited for will not come any more: the Service is to be looked at.
 */
export function createExpectations(
  watch: Pick<ListWatch<AnnouncementStatus>, 'values' | 'catchUp'>,
  wake: (serviceKey: string) => void,
): Expectations {
  const expected = new Map<string, Map<string, string>>();
  let timer: NodeJS.Timeout | undefined;

  function isMet(uid: string, wanted: string): boolean {
    const known = watch.values.get(uid);
    return wanted === 'gone' ? known === undefined : known !== undefined && isAtLeast(known.resourceVersion, wanted);
  }

  /** The cache is brought up to date with all that was written until now; what was expected by then is true or was undone. */
  async function settle(): Promise<void> {
    const before = [...expected];
    await watch.catchUp();
    for (const [serviceKey, objects] of before) {
      if (expected.get(serviceKey) !== objects) continue; // it came after all, and something newer is awaited
      expected.delete(serviceKey);
      wake(serviceKey);
    }
    timer = undefined;
    if (expected.size > 0) arm();
  }

  function arm(): void {
    timer ??= setTimeout(() => {
      if (expected.size === 0) {
        timer = undefined;
        return;
      }
      settle().catch(() => {
        timer = undefined; // stopped
      });
    }, OVERDUE_MS);
  }

  return {
    expect(serviceKey, uid, resourceVersion) {
      const objects = expected.get(serviceKey) ?? new Map<string, string>();
      objects.set(uid, resourceVersion);
      expected.set(serviceKey, objects);
      arm();
    },
    has: (serviceKey) => expected.has(serviceKey),
    pendingFor(serviceKey) {
      const objects = expected.get(serviceKey);
      for (const [uid, wanted] of objects ?? []) if (isMet(uid, wanted)) objects?.delete(uid);
      if (objects !== undefined && objects.size > 0) return true;
      expected.delete(serviceKey);
      return false;
    },
    stop() {
      clearTimeout(timer);
      expected.clear();
    },
  };
}
