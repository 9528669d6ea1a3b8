import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compressLzw, decompressLzw, encodeMessage } from '../src/index.ts';
import { startMessage } from '../src/msgpack/message-writer.ts';
import { readStruct } from '../src/msgpack/reader.ts';
import { writeStruct } from '../src/msgpack/writer.ts';
import { fromHex, hex, NODE_A, VERSIONS } from './vectors.ts';

/** What hashicorp/memberlist v0.5.1 itself says: fixtures/memberlist-corpus.mjs asked it. */
type Line =
  | { kind: 'compress'; seed: number; length: number; alphabet: number; octets: number; sha256: string }
  | { kind: 'decompress'; in: string; ok: boolean; octets?: number; sha256?: string }
  | { kind: 'message'; name: string; number: number; octets: number; sha256: string }
  | { kind: 'decode'; in: string; ok: boolean; end?: number; fields?: Record<string, string | number | boolean> };

const lines = readFileSync(new URL('./fixtures/memberlist-corpus.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Line => JSON.parse(line));

const of = <Kind extends Line['kind']>(kind: Kind): (Line & { kind: Kind })[] =>
  lines.filter((line): line is Line & { kind: Kind } => line.kind === kind);

const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

/** A linear congruence, as in the corpus. */
function octetsOf(seed: number, length: number, alphabet: number): Uint8Array {
  let state = seed >>> 0;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 24) % alphabet;
  });
}

describe('the octets of Go', () => {
  test.for(of('compress'))('$length octets of $alphabet kinds are compressed to the same', (line) => {
    const plain = octetsOf(line.seed, line.length, line.alphabet);
    const compressed = compressLzw(plain);
    expect(compressed).toHaveLength(line.octets);
    expect(sha256(compressed)).toBe(line.sha256);
    const back = decompressLzw(compressed, line.length);
    expect(back.ok && sha256(back.value)).toBe(sha256(plain));
  });

  test('what Go decompresses is decompressed to the same, and what it refuses is refused', () => {
    const differing = of('decompress').filter((line) => {
      const plain = decompressLzw(fromHex(line.in), 1 << 20);
      return plain.ok ? !line.ok || sha256(plain.value) !== line.sha256 : line.ok;
    });
    expect(differing).toEqual([]);
  });

  test.for(of('message'))('$name with $number is written the same', ({ name, number, ...line }) => {
    const octets = written(name, number);
    expect(octets).toHaveLength(line.octets);
    expect(sha256(octets)).toBe(line.sha256);
  });

  test('what Go reads as a struct is read the same, and what it refuses is refused', () => {
    const schema = {
      SeqNo: 'uint32',
      Target: 'octets',
      Port: 'uint16',
      Node: 'text',
      Nack: 'bool',
      SourceAddr: 'octets',
      SourcePort: 'uint16',
      SourceNode: 'text',
    } as const;
    const differing = of('decode').filter((line) => {
      const struct = readStruct(fromHex(line.in), 0, schema);
      if (!struct.ok) return line.ok;
      const { Target, SourceAddr, Node, SourceNode, ...others } = struct.value;
      const nodes = readStruct(fromHex(line.in), 0, { ...schema, Node: 'octets', SourceNode: 'octets' });
      expect(nodes.ok && nodes.value).toBeTruthy();
      const fields = {
        ...others,
        Target: hex(Target),
        SourceAddr: hex(SourceAddr),
        Node: nodes.ok && hex(nodes.value.Node),
        SourceNode: nodes.ok && hex(nodes.value.SourceNode),
      };
      return !line.ok || struct.end !== line.end || !same(fields, line.fields ?? {});
    });
    expect(differing).toEqual([]);
  });
});

function same(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((key) => a[key] === b[key]);
}

function written(name: string, n: number): Uint8Array {
  switch (name) {
    case 'ping':
      return encodeMessage({
        type: 'ping',
        sequence: n,
        node: 'node-b',
        sourceAddress: NODE_A,
        sourcePort: n % 0x1_0000,
        sourceNode: 'node-a',
      });
    case 'ack':
      return encodeMessage({ type: 'ack', sequence: n, payload: octetsOf(n, n % 70, 256) });
    case 'dead':
      return encodeMessage({ type: 'dead', incarnation: n, node: 'node-b', from: 'node-a' });
    case 'alive':
      return encodeMessage({
        type: 'alive',
        incarnation: 1,
        node: 'n'.repeat(n),
        address: octetsOf(1, 16, 256),
        port: 7946,
        meta: octetsOf(2, n, 256),
        versions: VERSIONS,
      });
    default: {
      const writer = startMessage(6);
      writeStruct(writer, [
        ['Join', 'bool', n % 2 === 0],
        ['Nodes', 'int', n],
        ['UserStateLen', 'int', n],
      ]);
      return writer.finish();
    }
  }
}
