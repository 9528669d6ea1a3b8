import { readFileSync } from 'node:fs';

/** Octets that hashicorp/memberlist v0.5.1 with go-msgpack v2.1.1 made: `name len=N hex` a line. */
const lines = readFileSync(new URL('./fixtures/memberlist-vectors.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');

const vectors = new Map(
  lines.map((line) => {
    const [name = '', , hex = ''] = line.split(' ');
    return [name, Uint8Array.from(Buffer.from(hex, 'hex'))] as const;
  }),
);

export function vector(name: string): Uint8Array {
  const octets = vectors.get(name);
  if (octets === undefined) throw new Error(`no such vector: ${name}`);
  return octets;
}

export function vectorNames(): string[] {
  return [...vectors.keys()];
}

export function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

export const NODE_A: Uint8Array = Uint8Array.of(10, 0, 0, 1);
export const NODE_B: Uint8Array = Uint8Array.of(10, 0, 0, 2);
export const VERSIONS: Uint8Array = Uint8Array.of(1, 5, 2, 0, 0, 0);
export const NOTHING: Uint8Array = new Uint8Array(0);
