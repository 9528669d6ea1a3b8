import { waitUntil } from '../../wait-until.ts';
import { monotonicMs, type OwnershipSign, type OwnerWatch } from './owner-watch.ts';

/** Who has answered for each address in the last `windowMs`, as MAC addresses. The round that has only begun is left out. */
export function ownersNow(
  { rounds, answers }: Pick<OwnerWatch, 'rounds' | 'answers'>,
  windowMs: number,
): ReadonlyMap<string, ReadonlySet<string>> {
  const owners = new Map<string, Set<string>>();
  const last = rounds.at(-1);
  if (last === undefined) return owners;
  for (const { atMs, address, mac } of since(answers, last.atMs - windowMs)) {
    if (atMs < last.atMs) owners.set(address, (owners.get(address) ?? new Set()).add(mac));
  }
  return owners;
}

/** They are in order: the last ones are found from the end. */
function since(signs: readonly OwnershipSign[], fromMs: number): readonly OwnershipSign[] {
  let index = signs.length;
  while (index > 0 && (signs[index - 1]?.atMs ?? 0) >= fromMs) index -= 1;
  return signs.slice(index);
}

export interface AtRestOptions {
  readonly timeoutMs: number;
  /** For so long nobody else has answered. Default 1 s. */
  readonly restMs?: number;
  /** Address → MAC: who must own it. The others may be owned by anybody. */
  readonly expected?: ReadonlyMap<string, string>;
}

/**
 * Waits until each address has exactly one owner, and has had it for a while.
 *
 * @returns Address → MAC.
 * @throws Error that names an address for which that does not come true, and who answers for it.
 */
export async function ownersAtRest(watch: OwnerWatch, options: AtRestOptions): Promise<ReadonlyMap<string, string>> {
  const { timeoutMs, restMs = 1_000, expected = new Map<string, string>() } = options;
  const sinceMs = monotonicMs();
  let wrong = 'nothing was seen';
  const look = (): ReadonlyMap<string, string> | undefined => {
    if ((watch.rounds.at(-1)?.atMs ?? 0) < sinceMs + restMs) return undefined;
    const owners = ownersNow(watch, restMs);
    const of = (address: string): readonly string[] => [...(owners.get(address) ?? [])];
    const bad = watch.addresses.find((address) => {
      const [owner, ...more] = of(address);
      return owner === undefined || more.length > 0 || (expected.get(address) ?? owner) !== owner;
    });
    if (bad === undefined) return new Map(watch.addresses.map((address) => [address, of(address)[0] ?? '']));
    wrong = `${bad} is answered for by ${of(bad).join(' and ') || 'nobody'}`;
    return undefined;
  };
  try {
    return await waitUntil('one owner of each address', look, { timeoutMs, intervalMs: 100 });
  } catch (error) {
    throw new Error(`not at rest after ${timeoutMs} ms: ${wrong}`, { cause: error });
  }
}
