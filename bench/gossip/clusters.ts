import { createHash } from 'node:crypto';
import { deriveMetalLbKey } from '@steelyard/memberlist';
import { waitUntil } from '@steelyard/testkit';
import type { Host, Told } from './host.ts';

const PORT = 7946;
/** What MetalLB makes of the Secret that its controller makes: 32 octets, AES-256. */
const KEY = deriveMetalLbKey(Buffer.from('AAECAwQFBgcICQoLDA0ODw'), (octets) =>
  createHash('sha256').update(octets).digest(),
);
const KEYS = [Buffer.from(KEY).toString('hex')];
const AGREED_TIMEOUT_MS = 120_000;
/** Nobody is declared dead later than that, but by an unlikely chance: memberlist's bound for 10 members is 42 s. */
const DETECTED_TIMEOUT_MS = 60_000;

/** Members of one gossip, all in one process, each at an address of its own. */
export interface Cluster {
  readonly names: readonly string[];
}

/** Starts them in MetalLB's configuration (LAN, encrypted), and waits until each knows all. */
export async function startCluster(host: Host, number: number, members: number): Promise<Cluster> {
  const all = Array.from({ length: members }, (_, i) => ({
    name: `c${number}-${i}`,
    address: `127.${number + 1}.${i >> 8}.${(i & 0xff) + 1}`,
  }));
  for (const { name, address } of all)
    await host.order('start', { name, address, port: PORT, keys: KEYS, profile: 'lan' });
  const [first] = all;
  // Once to be known, and once to know those who came later: gossip alone leaves gaps until the next push/pull.
  for (const { name } of [...all.slice(1), ...all.slice(1)])
    await host.order('join', { name, addresses: [`${first?.address}:${PORT}`] });
  const lists = async (): Promise<number[]> =>
    Promise.all(all.map(async ({ name }) => ((await host.order('members', { name })) as unknown[]).length));
  await waitUntil('all members to know each other', async () => (await lists()).every((count) => count === members), {
    timeoutMs: AGREED_TIMEOUT_MS,
    intervalMs: 500,
  });
  return { names: all.map(({ name }) => name) };
}

/** When the first and the last of the others knew that one had crashed, in milliseconds after it had. */
export interface Detection {
  readonly firstMs: number;
  readonly lastMs: number;
}

export async function crashOne(host: Host, { names }: Cluster, afterMs: number): Promise<Detection> {
  const [victim, ...others] = names;
  const knownMs: number[] = [];
  const known = new Set<string>();
  host.onTold((told: Told) => {
    if (told.event !== 'leave' || told.member?.name !== victim || known.has(told.observer)) return;
    if (!others.includes(told.observer)) return;
    known.add(told.observer);
    knownMs.push(told.atMs);
  });
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const crashedMs = Number(process.hrtime.bigint()) / 1e6;
  await host.order('shutdown', { name: victim });
  await waitUntil('all to know of the crash', () => known.size === others.length, { timeoutMs: DETECTED_TIMEOUT_MS });
  return { firstMs: Math.min(...knownMs) - crashedMs, lastMs: Math.max(...knownMs) - crashedMs };
}
