import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage, type PacketMessage } from '../src/index.ts';
import { hex, NODE_A, NODE_B, NOTHING, VERSIONS, vector } from './vectors.ts';

const source = { sourceAddress: NODE_A, sourcePort: 7946, sourceNode: 'node-a' };

const messages: [vector: string, message: PacketMessage][] = [
  ['ping-min', { type: 'ping', sequence: 1, node: 'n2' }],
  ['ping-full', { type: 'ping', sequence: 42, node: 'node-b', ...source }],
  [
    'indirect',
    { type: 'indirectPing', sequence: 7, target: NODE_B, port: 7946, node: 'node-b', nack: true, ...source },
  ],
  ['ack-nil', { type: 'ack', sequence: 42, payload: NOTHING }],
  ['suspect', { type: 'suspect', incarnation: 3, node: 'node-b', from: 'node-a' }],
  ['dead', { type: 'dead', incarnation: 3, node: 'node-b', from: 'node-a' }],
  [
    'alive',
    { type: 'alive', incarnation: 1, node: 'node-a', address: NODE_A, port: 7946, meta: NOTHING, versions: VERSIONS },
  ],
  ['nack', { type: 'nack', sequence: 7 }],
];

describe('messages of hashicorp/memberlist v0.5.1', () => {
  test.for(messages)('%s is read', ([name, message]) => {
    expect(decodeMessage(vector(name))).toEqual({ ok: true, value: message });
  });

  test.for(messages)('%s is written the same', ([name, message]) => {
    expect(hex(encodeMessage(message))).toBe(hex(vector(name)));
  });
});
