import assert from 'node:assert/strict';
import { type BpfInstruction, openPacketSocket, type PacketType } from '@steelyard/linux-socket/packet';
import { type Cases, createCable, ETHER_TYPE, frame, until } from '../veth.ts';

/** Accepts frames whose first payload octet is `value`: ldb [14]; jeq #value, accept, drop. */
function firstOctetIs(value: number): BpfInstruction[] {
  return [
    { code: 0x30, jt: 0, jf: 0, k: 14 },
    { code: 0x15, jt: 0, jf: 1, k: value },
    { code: 0x06, jt: 0, jf: 0, k: 0x40000 },
    { code: 0x06, jt: 0, jf: 0, k: 0 },
  ];
}

export const cases: Cases = {
  'a frame that one end sends arrives at the other, and not at the sender': async () => {
    await createCable();
    const received: { octets: Uint8Array; type: PacketType; truncated: boolean }[] = [];
    await using right = openPacketSocket({
      interfaceName: 'right',
      etherType: ETHER_TYPE,
      onFrames: (batch) => {
        for (let i = 0; i < batch.count; i++) {
          received.push({ octets: batch.frame(i).slice(), type: batch.packetType(i), truncated: batch.truncated(i) });
        }
      },
    });
    await using left = openPacketSocket({
      interfaceName: 'left',
      etherType: ETHER_TYPE,
      onFrames: () => assert.fail('the sender hears itself'),
    });
    const destinations = [
      [0x02, 0, 0, 0, 0, 2],
      [255, 255, 255, 255, 255, 255],
      [0x01, 0, 0x5e, 0, 0, 1],
      [0x02, 0, 0, 0, 0, 9],
    ];
    for (const destination of destinations) assert.equal(left.send(frame([7], destination)), true);
    await until('four frames', () => received.length === 4);
    assert.deepEqual(
      received.map(({ type }) => type),
      ['host', 'broadcast', 'multicast', 'otherhost'],
    );
    assert.deepEqual(received[1]?.octets, frame([7], destinations[1]));
    assert.equal(received[0]?.truncated, false);
    assert.equal(left.statistics().framesSent, 4);
    assert.deepEqual(
      { ...right.statistics(), wakeups: 0 },
      {
        wakeups: 0,
        framesReceived: 4,
        framesDropped: 0,
        framesSent: 0,
        sendRefused: 0,
      },
    );
  },

  'frames that the filter refuses wake nobody up, and another filter takes over at once': async () => {
    await createCable();
    const seen: number[] = [];
    await using right = openPacketSocket({
      interfaceName: 'right',
      etherType: ETHER_TYPE,
      filter: firstOctetIs(1),
      onFrames: (batch) => {
        for (let i = 0; i < batch.count; i++) seen.push(batch.frame(i)[14] ?? -1);
      },
    });
    await using left = openPacketSocket({ interfaceName: 'left', etherType: ETHER_TYPE, onFrames: () => {} });
    for (let i = 0; i < 1000; i++) left.send(frame([2]));
    left.send(frame([1]));
    await until('the accepted frame', () => seen.length === 1);
    assert.equal(right.statistics().wakeups, 1);
    right.attachFilter(firstOctetIs(2));
    left.send(frame([1]));
    left.send(frame([2]));
    await until('a frame for the second filter', () => seen.length === 2);
    right.detachFilter();
    right.detachFilter();
    left.send(frame([3]));
    await until('a frame without a filter', () => seen.length === 3);
    assert.deepEqual(seen, [1, 2, 3]);
  },
};
