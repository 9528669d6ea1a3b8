import { isDeepStrictEqual } from 'node:util';
import { waitUntil } from '@steelyard/testkit';
import { expect } from 'vitest';
import type { Joined, ListedMember, MemberHost, StartOrder } from './member-host.ts';
import { PORT, SHORT_TIMES } from './times.ts';

/** What is waited for comes by itself; how soon depends on what else the machine does. */
const WAIT_MS = 20_000;

/** A member by its handle: whichever kind it is of, and in whichever process. */
export interface TestMember {
  readonly host: MemberHost;
  readonly name: string;
  readonly address: string;
  join(...others: readonly TestMember[]): Promise<Joined>;
  list(): Promise<readonly ListedMember[]>;
  leave(timeoutMs?: number): Promise<void>;
  /** Its sockets are closed and nobody is told. */
  crash(): Promise<void>;
}

export async function startMember(host: MemberHost, order: Omit<StartOrder, 'port'>): Promise<TestMember> {
  await host.start({ port: PORT, override: SHORT_TIMES, ...order });
  const { name, address } = order;
  return {
    host,
    name,
    address,
    join: (...others) =>
      host.join(
        name,
        others.map((other) => `${other.address}:${PORT}`),
      ),
    list: () => host.members(name),
    leave: (timeoutMs) => host.leave(name, timeoutMs),
    crash: () => host.shutdown(name),
  };
}

/** What all members should list: themselves and each other, alive, at their addresses. */
function listOf(members: readonly TestMember[], meta: Readonly<Record<string, string>> = {}): ListedMember[] {
  return members
    .map(({ name, address }) => ({
      name,
      address,
      addressOctets: address.includes(':') ? 16 : 4,
      port: PORT,
      meta: meta[name] ?? '',
      status: 'alive' as const,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const byName = (list: readonly ListedMember[]): ListedMember[] => list.toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** Waits until each of `observers` lists exactly `members`; tells the difference where it never does. */
export async function agreed(
  observers: readonly TestMember[],
  members: readonly TestMember[] = observers,
  meta: Readonly<Record<string, string>> = {},
): Promise<void> {
  const expected = listOf(members, meta);
  let lists: ListedMember[][] = [];
  await waitUntil(
    'one list',
    async () => {
      lists = await Promise.all(observers.map(async (observer) => byName(await observer.list())));
      return lists.every((list) => isDeepStrictEqual(list, expected));
    },
    { timeoutMs: WAIT_MS, intervalMs: 50 },
  ).catch(() => {
    expect(Object.fromEntries(observers.map(({ name }, index) => [name, lists[index]]))).toEqual(
      Object.fromEntries(observers.map(({ name }) => [name, expected])),
    );
  });
}

/** Waits until a host was told something of a member by one of its own. */
export async function told(observer: TestMember, event: string, of: string): Promise<void> {
  await waitUntil(
    `${observer.name} to tell ${event} of ${of}`,
    () =>
      observer.host.events.some(
        (each) => each.event === event && each.observer === observer.name && each.member?.name === of,
      ),
    { timeoutMs: WAIT_MS },
  );
}

/** What a machine that is busy with something else makes of a probe, and what Go says of its own sockets at the end. */
const LATE =
  /fallback TCP ping|Suspect |Marking |Refuting |connect over TCP|ping failed|i\/o timeout|closed network connection/i;

/** What members complained of: Go's library logs whatever it cannot read, ours tells it as notices and errors. */
export function complaints(...hosts: readonly MemberHost[]): string[] {
  return hosts
    .flatMap(({ events }) => events)
    .filter(
      ({ event, line = '', level }) =>
        (event === 'log' && /\[(ERR|WARN)\]/.test(line) && !LATE.test(line)) ||
        event === 'error' ||
        (event === 'notice' && level === 'warn'),
    )
    .map(({ observer, line, fields = {} }) => `${observer}: ${line} ${JSON.stringify(fields)}`);
}
