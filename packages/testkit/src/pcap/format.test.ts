import { expect, test } from 'vitest';
import { pcapHeader, pcapRecord } from './format.ts';

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');

test('the header says microseconds, version 2.4 and Ethernet', () => {
  expect(hex(pcapHeader())).toBe('a1b2c3d4' + '00020004' + '00000000' + '00000000' + '0000ffff' + '00000001');
});

test('a record has the time, both lengths and the frame', () => {
  expect(hex(pcapRecord(Uint8Array.of(1, 2, 3), 1_700_000_000_250.5))).toBe(
    '6553f100' + '0003d284' + '00000003' + '00000003' + '010203',
  );
});
