import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { openIcmpv6Socket, openMulticastGroups } from '@steelyard/linux-socket/icmpv6';
import { openPacketSocket } from '@steelyard/linux-socket/packet';
import { compileFlood } from '@steelyard/testkit/flood';
import { ALL_NODES, address, createIpv6Cable, groupsOf, message, NEIGHBOR_SOLICITATION } from '../ipv6.ts';
import { collectGarbage, openDescriptors, residentKibibytes } from '../resources.ts';
import { type Cases, createCable, until } from '../veth.ts';

const FRAMES = 1_000_000;
const ARP = 0x0806;
/** ld [38]: the ARP target; accepts 192.0.2.1 only. */
const targetIs192021 = [
  { code: 0x20, jt: 0, jf: 0, k: 38 },
  { code: 0x15, jt: 0, jf: 1, k: 0xc000_0201 },
  { code: 0x06, jt: 0, jf: 0, k: 0x40000 },
  { code: 0x06, jt: 0, jf: 0, k: 0 },
];

export const cases: Cases = {
  'a million frames, looked at one by one, leave memory and descriptors as they were': async () => {
    await createCable();
    const flood = compileFlood();
    let octetsSeen = 0;
    await using right = openPacketSocket({
      interfaceName: 'right',
      etherType: ARP,
      onFrames: (batch) => {
        for (let i = 0; i < batch.count; i++) octetsSeen += batch.frame(i).length;
      },
    });
    const send = (count: number) =>
      flood({ interfaceName: 'left', count, framesPerSecond: 100_000, first: '198.51.100.0', last: '198.51.100.255' });
    const done = (count: number) => () => {
      const { framesReceived, framesDropped } = right.statistics();
      return framesReceived + framesDropped >= count;
    };
    await send(FRAMES / 5); // the compiler and the heap settle
    await until('the first frames', done(FRAMES / 5));
    await collectGarbage();
    const before = { residentKibibytes: residentKibibytes(), descriptors: openDescriptors() };
    const report = await send(FRAMES);
    await until('a million frames', done(FRAMES * 1.2));
    await collectGarbage();
    const after = { residentKibibytes: residentKibibytes(), descriptors: openDescriptors() };
    process.stdout.write(`${JSON.stringify({ before, after, flood: report, ...right.statistics() })}\n`);
    assert.ok(octetsSeen > 0);
    assert.equal(after.descriptors, before.descriptors);
    assert.ok(after.residentKibibytes - before.residentKibibytes < 4096, 'grew by more than 4 MiB');
  },

  'a million frames that the filter refuses wake nobody up': async () => {
    await createCable();
    const flood = compileFlood();
    await using right = openPacketSocket({
      interfaceName: 'right',
      etherType: ARP,
      filter: targetIs192021,
      onFrames: () => {},
    });
    const storm = {
      interfaceName: 'left',
      count: FRAMES,
      framesPerSecond: 0,
      first: '198.51.100.0',
      last: '198.51.100.255',
    };
    const report = await flood(storm);
    process.stdout.write(`${JSON.stringify({ flood: report, ...right.statistics() })}\n`);
    assert.deepEqual(
      { ...right.statistics() },
      {
        wakeups: 0,
        framesReceived: 0,
        framesDropped: 0,
        framesSent: 0,
        sendRefused: 0,
      },
    );
    await flood({ ...storm, count: 1, first: '192.0.2.1', last: '192.0.2.1' });
    await until('the one that it accepts', () => right.statistics().wakeups === 1);
  },

  'hundreds of thousands of ICMPv6 messages, looked at one by one, leave memory and descriptors as they were':
    async () => {
      await createIpv6Cable();
      let octetsSeen = 0;
      const types = [NEIGHBOR_SOLICITATION];
      await using right = openIcmpv6Socket({
        interfaceName: 'right',
        types,
        onMessages: (batch) => {
          for (let i = 0; i < batch.count; i++) {
            if (batch.hopLimit(i) === 255 && batch.interfaceIndex(i) === right.interfaceIndex)
              octetsSeen += batch.message(i).length + batch.source(i).length + batch.destination(i).length;
          }
        },
      });
      await using left = openIcmpv6Socket({ interfaceName: 'left', types, onMessages: () => {} });
      const source = address('fe80::1');
      const solicitation = message(NEIGHBOR_SOLICITATION, new Array(28).fill(0));
      const send = async (count: number) => {
        for (let sent = 0; sent < count; ) {
          for (let i = 0; i < 100; i++) if (left.send(ALL_NODES, solicitation, { source })) sent += 1;
          await turn();
        }
        await until('the messages', () => {
          const { messagesReceived, messagesDropped } = right.statistics();
          return messagesReceived + messagesDropped >= left.statistics().messagesSent;
        });
        await collectGarbage();
        return { residentKibibytes: residentKibibytes(), descriptors: openDescriptors() };
      };
      const before = await send(100_000);
      const after = await send(400_000);
      process.stdout.write(`${JSON.stringify({ before, after, ...right.statistics() })}\n`);
      assert.ok(octetsSeen > 0);
      assert.equal(after.descriptors, before.descriptors);
      assert.ok(after.residentKibibytes - before.residentKibibytes < 4096, 'grew by more than 4 MiB');
    },

  'opening and closing hundreds of ICMPv6 sockets and sets of groups leaves memory and descriptors as they were':
    async () => {
      await createIpv6Cable();
      const group = address('ff02::1:ff53:0');
      const groupsBefore = groupsOf('right');
      const round = async (count: number) => {
        for (let i = 0; i < count; i++) {
          const socket = openIcmpv6Socket({
            interfaceName: 'right',
            types: [NEIGHBOR_SOLICITATION],
            maxMessagesPerWakeup: 1,
            onMessages: () => {},
          });
          const groups = openMulticastGroups({ interfaceIndex: socket.interfaceIndex });
          for (group[15] = 0; group[15] < 20; group[15] += 1) groups.join(group);
          assert.ok(socket.send(ALL_NODES, message(NEIGHBOR_SOLICITATION)));
          await groups.close();
          await socket.close();
          await turn(); // libuv lets go of a handle in the next turn
        }
        await collectGarbage();
        const { heapUsed, external } = process.memoryUsage();
        return { residentKibibytes: residentKibibytes(), heapUsed, external, descriptors: openDescriptors() };
      };
      const before = await round(100);
      const after = await round(300);
      process.stdout.write(`${JSON.stringify({ before, after })}\n`);
      assert.equal(after.descriptors, before.descriptors);
      assert.deepEqual(groupsOf('right'), groupsBefore);
      assert.ok(after.external - before.external < 100_000, 'a buffer was kept');
      assert.ok(after.heapUsed - before.heapUsed < 400_000, 'objects were kept');
      assert.ok(after.residentKibibytes - before.residentKibibytes < 16_384, 'grew by more than 16 MiB');
    },

  'opening and closing hundreds of sockets leaves memory and descriptors as they were': async () => {
    await createCable();
    const round = async (count: number) => {
      for (let i = 0; i < count; i++) {
        await openPacketSocket({
          interfaceName: 'right',
          etherType: ARP,
          maxFramesPerWakeup: 1,
          onFrames: () => {},
        }).close();
        await turn(); // libuv lets go of a handle in the next turn
      }
      await collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return { residentKibibytes: residentKibibytes(), heapUsed, external, descriptors: openDescriptors() };
    };
    const before = await round(100);
    const after = await round(300);
    process.stdout.write(`${JSON.stringify({ before, after })}\n`);
    assert.equal(after.descriptors, before.descriptors);
    assert.ok(after.external - before.external < 100_000, 'a buffer was kept');
    assert.ok(after.heapUsed - before.heapUsed < 400_000, 'objects were kept');
    assert.ok(after.residentKibibytes - before.residentKibibytes < 16_384, 'grew by more than 16 MiB');
  },
};
