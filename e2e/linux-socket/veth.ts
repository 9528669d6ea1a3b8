import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a scenario file exports: sentences and what proves them. A case fails by throwing. */
export type Cases = Readonly<Record<string, () => Promise<void>>>;

/** An EtherType for experiments (IEEE 802, "Local Experimental Ethertype 1"): nobody else sends it. */
export const ETHER_TYPE = 0x88b5;

/** Runs ip(8) in the namespace of this process. */
export function ip(...words: string[]): void {
  execFileSync(
    'ip',
    words.flatMap((word) => word.split(' ')),
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
}

/** Two interfaces joined by a cable: what `left` sends, `right` receives. */
export async function createCable(): Promise<void> {
  ip('link add left address 02:00:00:00:00:01 type veth peer name right address 02:00:00:00:00:02');
  ip('link set left up');
  ip('link set right up');
  await until('carrier', () => execFileSync('ip', ['-o', 'link', 'show', 'right']).includes('state UP'));
}

/** A frame to `destination` whose payload starts with these octets, padded to the least length of Ethernet. */
export function frame(
  payload: readonly number[],
  destination = [0x02, 0, 0, 0, 0, 2],
  etherType: number = ETHER_TYPE,
): Uint8Array {
  const octets = new Uint8Array(60);
  octets.set(destination);
  octets.set([0x02, 0, 0, 0, 0, 1], 6);
  new DataView(octets.buffer).setUint16(12, etherType);
  octets.set(payload, 14);
  return octets;
}

/** Waits for something that others do. @throws Error if it has not come true after 10 seconds. */
export async function until(what: string | (() => string), condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`);
    await sleep(5);
  }
}
