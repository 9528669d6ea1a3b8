import { compileProgram } from '../../flood/compile.ts';
import type { LanHost } from './lan.ts';

/** An answer for an address, or an announcement of it, as a host on the link saw it. */
export interface OwnershipSign {
  /** When the kernel had the frame: milliseconds of the monotonic clock, see {@link monotonicMs}. */
  readonly atMs: number;
  /** As `inet_ntop` writes it. */
  readonly address: string;
  readonly mac: string;
  /** Of an answer: in which round of requests it arrived, from 0. */
  readonly round: number;
}

/** In each round every address is asked for once. */
export interface QueryRound {
  readonly round: number;
  /** When it began, by the clock of {@link OwnershipSign.atMs}. */
  readonly atMs: number;
}

/** Who answers for addresses, and who announces them. */
export interface OwnerWatch extends AsyncDisposable {
  /** What is asked for. */
  readonly addresses: readonly string[];
  readonly rounds: readonly QueryRound[];
  /** To ARP requests and Neighbor Solicitations of this host. */
  readonly answers: readonly OwnershipSign[];
  /** Gratuitous ARP, and Neighbor Advertisements to all nodes. */
  readonly announcements: readonly OwnershipSign[];
  /** Forgets what was seen. */
  clear(): void;
  close(): Promise<void>;
}

export interface OwnerWatchOptions {
  /** Of both families, as `inet_ntop` writes them. */
  readonly addresses: readonly string[];
  /** Each address is asked for once in this time. Default 20 ms; 0: nothing is asked. */
  readonly intervalMs?: number;
}

/** The clock of {@link OwnershipSign.atMs}: that of `process.hrtime`. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Starts watching; resolves once nothing that arrives is missed. Needs a C compiler. */
export async function watchOwners(host: LanHost, options: OwnerWatchOptions): Promise<OwnerWatch> {
  const { addresses, intervalMs = 20 } = options;
  const program = compileProgram(new URL('./native/owner-watch.c', import.meta.url));
  const words = [host.cable.ifname, host.ipv4, host.ipv6, String(Math.round(intervalMs * 1_000))];
  const watching = host.namespace.spawn(program, words, { name: `${host.name}: owner-watch` });
  const rounds: QueryRound[] = [];
  const answers: OwnershipSign[] = [];
  const announcements: OwnershipSign[] = [];
  watching.onLine((line) => {
    const [kind, ns, round, address = '', mac = ''] = line.split(' ');
    const sign = { atMs: Number(ns) / 1e6, address, mac, round: Number(round) };
    if (kind === 'q') rounds.push({ round: sign.round, atMs: sign.atMs });
    else if (kind === 'r') answers.push(sign);
    else if (kind === 'a') announcements.push(sign);
  });
  watching.child.stdin?.end(addresses.map((address) => `${address}\n`).join(''));
  await watching.waitForLine(/^watching$/);
  const close = async (): Promise<void> => {
    await watching.stop();
  };
  return {
    addresses,
    rounds,
    answers,
    announcements,
    clear() {
      rounds.length = 0;
      answers.length = 0;
      announcements.length = 0;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
