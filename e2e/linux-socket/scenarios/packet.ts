import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  type BpfInstruction,
  type FrameBatch,
  openPacketSocket,
  type PacketType,
} from '@steelyard/linux-socket/packet';
import { collectGarbage, openDescriptors } from '../resources.ts';
import { type Cases, createCable, ETHER_TYPE, frame, ip, until } from '../veth.ts';

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

  'more frames than one wake-up takes are several batches, and others get their turn between them': async () => {
    await createCable();
    const batches: number[] = [];
    let turns = 0;
    const count = () => {
      turns += 1;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    const turnsSeen: number[] = [];
    await using right = openPacketSocket({
      interfaceName: 'right',
      etherType: ETHER_TYPE,
      maxFramesPerWakeup: 4,
      onFrames: (batch) => {
        batches.push(batch.count);
        turnsSeen.push(turns);
      },
    });
    await using left = openPacketSocket({ interfaceName: 'left', etherType: ETHER_TYPE, onFrames: () => {} });
    for (let i = 0; i < 40; i++) left.send(frame([i]));
    await until('40 frames', () => right.statistics().framesReceived === 40);
    clearImmediate(immediate);
    assert.ok(Math.max(...batches) <= 4);
    assert.equal(new Set(turnsSeen).size, turnsSeen.length, 'two batches in one turn');
  },

  'what does not fit the buffer is cut off and says so, and what does not fit the queue is counted': async () => {
    await createCable();
    const lengths: [number, boolean][] = [];
    await using right = openPacketSocket({
      interfaceName: 'right',
      etherType: ETHER_TYPE,
      maxFrameOctets: 32,
      receiveBufferOctets: 4096,
      onFrames: (batch) => {
        for (let i = 0; i < batch.count; i++) lengths.push([batch.frame(i).length, batch.truncated(i)]);
      },
    });
    await using left = openPacketSocket({ interfaceName: 'left', etherType: ETHER_TYPE, onFrames: () => {} });
    for (let i = 0; i < 500; i++) left.send(frame([i & 255]));
    await until('all to be received or dropped', () => {
      const { framesReceived, framesDropped } = right.statistics();
      return framesReceived + framesDropped === 500;
    });
    assert.ok(right.statistics().framesDropped > 0);
    assert.deepEqual(lengths[0], [32, true]);
    await right.close();
    assert.ok(right.statistics().framesDropped > 0, 'the counters survive the socket');
  },

  'views end with the callback': async () => {
    await createCable();
    let kept: FrameBatch | undefined;
    await using _right = openPacketSocket({
      interfaceName: 'right',
      etherType: ETHER_TYPE,
      onFrames: (batch) => {
        kept = batch;
      },
    });
    await using left = openPacketSocket({ interfaceName: 'left', etherType: ETHER_TYPE, onFrames: () => {} });
    left.send(frame([1]));
    await until('a frame', () => kept !== undefined);
    assert.throws(() => kept?.frame(0), RangeError);
  },

  'a multicast group is received after joining it, and no more after leaving': async () => {
    await createCable();
    // veth delivers every multicast frame, so the judge is the list of groups that the kernel keeps for the interface.
    const isMember = () => execFileSync('ip', ['maddress', 'show', 'dev', 'left']).includes('33:33:ff:00:00:77');
    const group = Uint8Array.of(0x33, 0x33, 0xff, 0, 0, 0x77);
    const socket = openPacketSocket({ interfaceName: 'left', etherType: ETHER_TYPE, onFrames: () => {} });
    socket.joinMulticast(group);
    assert.ok(isMember());
    socket.leaveMulticast(group);
    assert.ok(!isMember());
    socket.joinMulticast(group);
    await socket.close();
    assert.ok(!isMember());
    assert.throws(() => socket.joinMulticast(group), { code: 'ERR_LINUX_SOCKET_CLOSED' });
  },

  'a full queue refuses a frame, and says when there is room again': async () => {
    await createCable();
    // A token bucket that lets through next to nothing: frames wait in its queue and are charged to the socket.
    execFileSync('tc', 'qdisc add dev left root tbf rate 400kbit burst 1600 limit 1000000'.split(' '));
    let writable = 0;
    await using left = openPacketSocket({
      interfaceName: 'left',
      etherType: ETHER_TYPE,
      onFrames: () => {},
      onWritable: () => {
        writable += 1;
      },
    });
    let accepted = 0;
    while (left.send(frame([1]))) accepted += 1;
    assert.ok(accepted > 10 && accepted < 100_000, `${accepted}`);
    await until('room', () => writable > 0);
    assert.equal(writable, 1);
    assert.equal(left.send(frame([1])), true);
    assert.equal(left.statistics().sendRefused, 1);
  },

  'an interface that goes down is an error, and works again when it is up': async () => {
    await createCable();
    const errors: unknown[] = [];
    let frames = 0;
    await using right = openPacketSocket({
      interfaceName: 'right',
      etherType: ETHER_TYPE,
      onFrames: (batch) => {
        frames += batch.count;
      },
      onError: (error) => errors.push((error as NodeJS.ErrnoException).code),
    });
    await using left = openPacketSocket({ interfaceName: 'left', etherType: ETHER_TYPE, onFrames: () => {} });
    for (let round = 1; round <= 3; round++) {
      ip('link set right down');
      await until('the error', () => errors.length === round);
      assert.throws(() => right.send(frame([1])), { code: 'ENETDOWN', syscall: 'sendmsg' });
      ip('link set right up');
      await until('a frame', () => left.send(frame([1])) && frames > 0);
      frames = 0;
    }
    assert.deepEqual(errors, ['ENETDOWN', 'ENETDOWN', 'ENETDOWN']);
  },

  'an interface that vanishes is an error, and costs no busy loop': async () => {
    await createCable();
    const errors: unknown[] = [];
    const right = openPacketSocket({
      interfaceName: 'right',
      etherType: ETHER_TYPE,
      onFrames: () => {},
      onError: (error) => errors.push((error as NodeJS.ErrnoException).code),
    });
    ip('link delete left');
    await until('both errors', () => errors.length === 2);
    assert.deepEqual(errors, ['ENETDOWN', 'ENODEV']);
    assert.throws(() => right.send(frame([1])), { code: 'ENXIO' });
    const before = performance.nodeTiming.uvMetricsInfo.loopCount;
    await sleep(300);
    const turns = performance.nodeTiming.uvMetricsInfo.loopCount - before;
    assert.ok(turns < 100, `${turns} turns of the event loop`);
    await right.close();
  },

  'an interface that is deleted long after it went down is gone, too': async () => {
    await createCable();
    const errors: unknown[] = [];
    await using _right = openPacketSocket({
      interfaceName: 'right',
      etherType: ETHER_TYPE,
      onFrames: () => {},
      onError: (error) => errors.push((error as NodeJS.ErrnoException).code),
    });
    ip('link set right down');
    await until('the first error', () => errors.length === 1);
    await sleep(4_000);
    ip('link delete left');
    await until('the second error', () => errors.length === 2);
    assert.deepEqual(errors, ['ENETDOWN', 'ENODEV']);
  },

  'what cannot be opened says why, and leaves no descriptor behind': async () => {
    const before = openDescriptors();
    const onFrames = () => {};
    assert.throws(() => openPacketSocket({ interfaceName: 'nowhere', etherType: ETHER_TYPE, onFrames }), {
      code: 'ENODEV',
      syscall: 'if_nametoindex',
    });
    assert.throws(() => openPacketSocket({ interfaceIndex: 4242, etherType: ETHER_TYPE, onFrames }), { code: 'ENXIO' });
    const endless: BpfInstruction[] = [{ code: 0x05, jt: 0, jf: 0, k: 9 }]; // jumps out of the program
    const withFilter = () =>
      openPacketSocket({ interfaceName: 'lo', etherType: ETHER_TYPE, filter: endless, onFrames });
    assert.throws(withFilter, { code: 'EINVAL', syscall: 'setsockopt' });
    const script = `import { openPacketSocket } from '@steelyard/linux-socket/packet';
      try { openPacketSocket({ interfaceName: 'lo', etherType: 1, onFrames() {} }); }
      catch (error) { console.log(error.code + ' ' + error.message); }`;
    const dropped = ['--bounding-set', '-all', '--inh-caps', '-all', process.execPath];
    const printed = execFileSync(
      'setpriv',
      [...dropped, '--conditions=@steelyard/source', '--input-type=module', '-e', script],
      { cwd: import.meta.dirname },
    );
    assert.match(printed.toString(), /^EPERM .*CAP_NET_RAW/u);
    assert.equal(openDescriptors(), before);
  },

  'a filter that the kernel refuses leaves the one before in place': async () => {
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
    assert.throws(() => right.attachFilter([{ code: 0x05, jt: 0, jf: 0, k: 9 }]), { code: 'EINVAL' });
    await using left = openPacketSocket({ interfaceName: 'left', etherType: ETHER_TYPE, onFrames: () => {} });
    left.send(frame([2]));
    left.send(frame([1]));
    await until('a frame', () => seen.length > 0);
    assert.deepEqual(seen, [1]);
    // The largest program there is: 4,095 comparisons that fail, and a last word.
    const largest = Array.from({ length: 4095 }, (_, k) => ({ code: 0x15, jt: 0, jf: 0, k }));
    try {
      right.attachFilter([...largest, { code: 0x06, jt: 0, jf: 0, k: 0 }]);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOMEM'); // net.core.optmem_max is smaller than that
    }
  },

  'closing inside a callback ends it there, any number of times': async () => {
    await createCable();
    const before = openDescriptors();
    let calls = 0;
    const right = openPacketSocket({
      interfaceName: 'right',
      etherType: ETHER_TYPE,
      maxFramesPerWakeup: 1,
      onFrames: (batch) => {
        calls += 1;
        const octets = batch.frame(0);
        void right.close();
        void right.close();
        assert.equal(octets[14], 1);
        assert.equal(batch.frame(0)[14], 1);
      },
    });
    const left = openPacketSocket({ interfaceName: 'left', etherType: ETHER_TYPE, onFrames: () => {} });
    for (let i = 0; i < 10; i++) left.send(frame([1]));
    await until('a call', () => calls > 0);
    await sleep(50);
    assert.equal(calls, 1);
    await left.close();
    await left[Symbol.asyncDispose]();
    assert.throws(() => left.send(frame([1])), { code: 'ERR_LINUX_SOCKET_CLOSED' });
    assert.equal(openDescriptors(), before);
  },

  'an exception in a callback is an uncaught exception, and the socket goes on': async () => {
    await createCable();
    const uncaught: unknown[] = [];
    process.on('uncaughtException', (error) => uncaught.push(error.message));
    let calls = 0;
    await using _right = openPacketSocket({
      interfaceName: 'right',
      etherType: ETHER_TYPE,
      maxFramesPerWakeup: 1,
      onFrames: () => {
        calls += 1;
        throw new Error(`call ${calls}`);
      },
    });
    await using left = openPacketSocket({ interfaceName: 'left', etherType: ETHER_TYPE, onFrames: () => {} });
    for (let i = 0; i < 3; i++) left.send(frame([1]));
    await until('three exceptions', () => uncaught.length === 3);
    assert.deepEqual(uncaught, ['call 1', 'call 2', 'call 3']);
  },

  'two hundred sockets receive, each its own frames, and leave nothing behind': async () => {
    await createCable();
    const before = openDescriptors();
    const received = new Array<number>(200).fill(0);
    const sockets = received.map((_, i) =>
      openPacketSocket({
        interfaceName: 'right',
        etherType: ETHER_TYPE,
        filter: firstOctetIs(i),
        onFrames: (batch) => {
          for (let j = 0; j < batch.count; j++) if (batch.frame(j)[14] === i) received[i] = (received[i] ?? 0) + 1;
        },
      }),
    );
    assert.equal(openDescriptors(), before + 200);
    await using left = openPacketSocket({ interfaceName: 'left', etherType: ETHER_TYPE, onFrames: () => {} });
    for (let round = 0; round < 5; round++) for (let i = 0; i < 200; i++) left.send(frame([i]));
    await until('all frames', () => received.every((count) => count === 5));
    for (const socket of sockets) await socket.close();
    assert.equal(openDescriptors(), before + 1);
  },

  'a socket that nobody refers to goes on receiving while it is open': async () => {
    await createCable();
    let frames = 0;
    (() => {
      openPacketSocket({
        interfaceName: 'right',
        etherType: ETHER_TYPE,
        onFrames: (batch) => {
          frames += batch.count;
        },
      }).unref();
    })();
    await collectGarbage();
    await using left = openPacketSocket({ interfaceName: 'left', etherType: ETHER_TYPE, onFrames: () => {} });
    left.send(frame([1]));
    await until('a frame', () => frames === 1);
  },

  'sockets work in worker threads, and survive worker.terminate() while frames arrive': async () => {
    await createCable();
    const before = openDescriptors();
    await using left = openPacketSocket({ interfaceName: 'left', etherType: ETHER_TYPE, onFrames: () => {} });
    const file = new URL('packet-worker.ts', import.meta.url);
    for (let round = 0; round < 8; round++) {
      const worker = new Worker(file);
      const said: unknown[] = [];
      worker.on('message', (message) => said.push(message));
      worker.on('error', (error) => said.push(error));
      await until(
        () => `the worker to open its sockets: ${said}`,
        () => said[0] === 'open',
      );
      const flood = setInterval(() => {
        for (let i = 0; i < 200; i++) left.send(frame([7]));
      }, 0);
      await until('a frame', () => said.includes(7));
      await worker.terminate();
      clearInterval(flood);
    }
    assert.equal(openDescriptors(), before + 1);
  },

  'a process ends by itself once its sockets are closed or unreferenced': async () => {
    await createCable();
    const onFrames = () => {};
    openPacketSocket({ interfaceName: 'right', etherType: ETHER_TYPE, onFrames }).unref();
    const closed = openPacketSocket({ interfaceName: 'right', etherType: ETHER_TYPE, onFrames });
    const toggled = openPacketSocket({ interfaceName: 'right', etherType: ETHER_TYPE, onFrames });
    toggled.unref();
    toggled.ref();
    toggled.unref();
    await closed.close();
  },

  'the example of the README hears a request': async () => {
    await createCable();
    const example = fileURLToPath(new URL('../../../packages/linux-socket/examples/hear-arp.ts', import.meta.url));
    const child = spawn(process.execPath, ['--conditions=@steelyard/source', example, 'right'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += String(chunk);
    });
    await until('it to listen', () => printed.includes('listening on right\n'));
    await using left = openPacketSocket({ interfaceName: 'left', etherType: 0x0806, onFrames: () => {} });
    const payload = (operation: number) => [
      ...[0, 1, 8, 0, 6, 4, 0, operation],
      ...[0x02, 0, 0, 0, 0, 1, 192, 0, 2, 7],
      ...[0, 0, 0, 0, 0, 0, 192, 0, 2, 1],
    ];
    left.send(frame(payload(2), [255, 255, 255, 255, 255, 255], 0x0806));
    left.send(frame(payload(1), [255, 255, 255, 255, 255, 255], 0x0806));
    await until('the request', () => printed.endsWith('\n192.0.2.7 asks for 192.0.2.1\n'));
    assert.equal(printed.split('\n').length, 3);
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    assert.deepEqual(await ended, [0, null]);
  },
};
