import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type Icmpv6Batch, openIcmpv6Socket, openMulticastGroups } from '@steelyard/linux-socket/icmpv6';
import { openPacketSocket } from '@steelyard/linux-socket/packet';
import {
  ALL_NODES,
  address,
  createIpv6Cable,
  icmpv6Frame,
  LEFT,
  message,
  NEIGHBOR_ADVERTISEMENT,
  NEIGHBOR_SOLICITATION,
  RIGHT,
} from '../ipv6.ts';
import { openDescriptors } from '../resources.ts';
import { type Cases, ip, until } from '../veth.ts';

const types = [NEIGHBOR_SOLICITATION];
const solicitation = message(NEIGHBOR_SOLICITATION, [0, 0, 0, 0]);
const ETHERTYPE_IPV6 = 0x86dd;

/** A message and what came with it, copied. */
interface Heard {
  readonly octets: readonly number[];
  readonly source: Uint8Array;
  readonly sourceScope: number;
  readonly destination: Uint8Array;
  readonly interfaceIndex: number;
  readonly hopLimit: number;
  readonly truncated: boolean;
}

/** Listens on an interface, for what a case does not say otherwise. */
function listen(interfaceName: string, options: Partial<Parameters<typeof openIcmpv6Socket>[0]> = {}) {
  const heard: Heard[] = [];
  const errors: unknown[] = [];
  const socket = openIcmpv6Socket({
    interfaceName,
    types,
    onMessages: (batch) => copy(batch, heard),
    onError: (error) => errors.push((error as NodeJS.ErrnoException).code),
    ...options,
  });
  return { socket, heard, errors, [Symbol.asyncDispose]: () => socket.close() };
}

function copy(batch: Icmpv6Batch, into: Heard[]): void {
  for (let i = 0; i < batch.count; i++) {
    into.push({
      octets: [...batch.message(i)],
      source: batch.source(i).slice(),
      sourceScope: batch.sourceScope(i),
      destination: batch.destination(i).slice(),
      interfaceIndex: batch.interfaceIndex(i),
      hopLimit: batch.hopLimit(i),
      truncated: batch.truncated(i),
    });
  }
}

/** A socket that sends whole frames into the cable, as a stranger can. */
function strangerOnLeft() {
  return openPacketSocket({ interfaceName: 'left', etherType: ETHERTYPE_IPV6, onFrames: () => {} });
}

export const cases: Cases = {
  'a message arrives with its ends, its interface and hop limit 255, and not at the sender': async () => {
    await createIpv6Cable();
    await using right = listen('right');
    await using left = listen('left', { onMessages: () => assert.fail('the sender hears itself') });
    assert.equal(left.socket.send(ALL_NODES, message(NEIGHBOR_SOLICITATION, [1, 2, 3, 4])), true);
    await until('the first message', () => right.heard.length === 1);
    const index = right.socket.interfaceIndex;
    const [first] = right.heard;
    assert.deepEqual(
      { ...first, octets: first?.octets.toSpliced(2, 2) },
      {
        octets: [NEIGHBOR_SOLICITATION, 0, 1, 2, 3, 4], // but for the checksum, which the kernel has verified
        source: LEFT,
        sourceScope: index,
        destination: ALL_NODES,
        interfaceIndex: index,
        hopLimit: 255,
        truncated: false,
      },
    );
    // To one host: the kernel resolves its MAC address, so more solicitations than ours arrive.
    assert.equal(left.socket.send(RIGHT, message(NEIGHBOR_SOLICITATION, [5])), true);
    await until('the second message', () => right.heard.some(({ destination }) => destination[0] === 0xfe));
    assert.deepEqual(
      { ...left.socket.statistics() },
      { wakeups: 0, messagesReceived: 0, messagesDropped: 0, messagesSent: 2, sendRefused: 0 },
    );
  },

  'a message that routers have passed on arrives with the hop limit that is left': async () => {
    await createIpv6Cable();
    await using right = listen('right');
    await using stranger = strangerOnLeft();
    for (const hopLimit of [64, 255, 1]) stranger.send(icmpv6Frame(ALL_NODES, solicitation, hopLimit));
    await until('three messages', () => right.heard.length === 3);
    assert.deepEqual(
      right.heard.map(({ hopLimit }) => hopLimit),
      [64, 255, 1],
    );
  },

  'messages of other types, or that the filter refuses, wake nobody up': async () => {
    await createIpv6Cable();
    await using right = listen('right', {
      types: [NEIGHBOR_SOLICITATION, 255],
      filter: [
        { code: 0x30, jt: 0, jf: 0, k: 0xfff0_0007 }, // ldb [SKF_NET_OFF + 7]: the hop limit
        { code: 0x15, jt: 0, jf: 3, k: 255 },
        { code: 0x30, jt: 0, jf: 0, k: 4 }, // ldb [4]: behind the header
        { code: 0x15, jt: 0, jf: 1, k: 7 },
        { code: 0x06, jt: 0, jf: 0, k: 0xffff },
        { code: 0x06, jt: 0, jf: 0, k: 0 },
      ],
    });
    await using stranger = strangerOnLeft();
    for (let i = 0; i < 100; i++) {
      stranger.send(icmpv6Frame(ALL_NODES, message(NEIGHBOR_ADVERTISEMENT, [7]), 255));
      stranger.send(icmpv6Frame(ALL_NODES, message(NEIGHBOR_SOLICITATION, [7]), 254));
      stranger.send(icmpv6Frame(ALL_NODES, message(NEIGHBOR_SOLICITATION, [8]), 255));
    }
    stranger.send(icmpv6Frame(ALL_NODES, message(NEIGHBOR_SOLICITATION, [7]), 255));
    stranger.send(icmpv6Frame(ALL_NODES, message(255, [7]), 255));
    await until('two messages', () => right.heard.length === 2);
    assert.deepEqual(
      right.heard.map(({ octets, hopLimit }) => [octets[0], octets[4], hopLimit]),
      [
        [NEIGHBOR_SOLICITATION, 7, 255],
        [255, 7, 255],
      ],
    );
    assert.ok(right.socket.statistics().wakeups <= 2);
  },

  'nothing slips past the types while sockets are opened under a flood': async () => {
    await createIpv6Cable();
    const worker = new Worker(new URL('icmpv6-flood-worker.ts', import.meta.url));
    let flooding = false;
    worker.on('message', () => {
      flooding = true;
    });
    await until('the flood', () => flooding);
    for (let i = 0; i < 100; i++) {
      await using right = listen('right', { maxMessagesPerWakeup: 1 });
      await sleep(1);
      assert.deepEqual(right.heard, []);
    }
    await worker.terminate();
  },

  'the sender chooses its source among the addresses of the host': async () => {
    await createIpv6Cable();
    ip('address add fe80::22/64 dev right nodad');
    ip('address add 2001:db8::22/64 dev right nodad');
    await using left = listen('left');
    await using right = listen('right');
    const sources = [RIGHT, address('fe80::22'), address('2001:db8::22')];
    for (const source of sources) assert.equal(right.socket.send(ALL_NODES, solicitation, { source }), true);
    await until('three messages', () => left.heard.length === 3);
    assert.deepEqual(
      left.heard.map(({ source, sourceScope }) => [source, sourceScope]),
      sources.map((source) => [source, source[0] === 0xfe ? left.socket.interfaceIndex : 0]),
    );
    const foreign = address('2001:db8::99');
    assert.throws(() => right.socket.send(ALL_NODES, solicitation, { source: foreign }), {
      code: 'EINVAL',
      syscall: 'sendmsg',
      message: /the source must be an address of this host/u,
    });
  },

  'a message to a group is heard once somebody on the host has joined it, and no more after it was left': async () => {
    await createIpv6Cable();
    const group = address('ff02::1:ff00:77');
    await using right = listen('right');
    await using left = listen('left');
    await using groups = openMulticastGroups({ interfaceIndex: right.socket.interfaceIndex });
    const sendBoth = () => {
      left.socket.send(group, message(NEIGHBOR_SOLICITATION, [1]));
      left.socket.send(ALL_NODES, message(NEIGHBOR_SOLICITATION, [2]));
    };
    const bodies = () => right.heard.map(({ octets }) => octets[4]);
    sendBoth();
    await until('what is for all', () => right.heard.length === 1);
    groups.join(group);
    sendBoth();
    await until('both', () => right.heard.length === 3);
    groups.leave(group);
    sendBoth();
    await until('what is for all', () => right.heard.length === 4);
    assert.deepEqual(bodies(), [2, 1, 2, 2]);
  },

  'what does not fit the buffer is cut off and says so; what does not fit the queue, or is damaged, is counted':
    async () => {
      await createIpv6Cable();
      await using right = listen('right', { maxMessageOctets: 16, receiveBufferOctets: 4096 });
      await using stranger = strangerOnLeft();
      const long = icmpv6Frame(ALL_NODES, message(NEIGHBOR_SOLICITATION, new Array(60).fill(1)), 255);
      const damaged = long.slice();
      damaged[60] = 9;
      stranger.send(damaged);
      stranger.send(long);
      await until('a message', () => right.heard.length === 1);
      assert.deepEqual([right.heard[0]?.octets.length, right.heard[0]?.truncated], [16, true]);
      assert.equal(right.socket.statistics().messagesDropped, 1);
      for (let i = 0; i < 500; i++) stranger.send(long);
      await until('all to be received or dropped', () => {
        const { messagesReceived, messagesDropped } = right.socket.statistics();
        return messagesReceived + messagesDropped === 502;
      });
      await right.socket.close();
      assert.ok(right.socket.statistics().messagesDropped > 1, 'the counters survive the socket');
    },

  'a full queue refuses a message, and says when there is room again': async () => {
    await createIpv6Cable();
    execFileSync('tc', 'qdisc add dev left root tbf rate 400kbit burst 1600 limit 1000000'.split(' '));
    let writable = 0;
    await using left = listen('left', {
      onWritable: () => {
        writable += 1;
      },
    });
    let accepted = 0;
    while (left.socket.send(ALL_NODES, solicitation)) accepted += 1;
    assert.ok(accepted > 10 && accepted < 100_000, `${accepted}`);
    await until('room', () => writable > 0);
    assert.equal(writable, 1);
    assert.equal(left.socket.send(ALL_NODES, solicitation), true);
    assert.equal(left.socket.statistics().sendRefused, 1);
  },

  'a message is not fragmented': async () => {
    await createIpv6Cable();
    await using left = listen('left');
    assert.equal(left.socket.send(ALL_NODES, message(NEIGHBOR_SOLICITATION, new Array(1456).fill(0))), true);
    assert.throws(() => left.socket.send(ALL_NODES, message(NEIGHBOR_SOLICITATION, new Array(1457).fill(0))), {
      code: 'EMSGSIZE',
    });
  },

  'an interface that goes down is an error, and works again when it is up': async () => {
    await createIpv6Cable();
    await using right = listen('right');
    await using left = listen('left');
    for (let round = 1; round <= 3; round++) {
      ip('link set right down');
      await until('the error', () => right.errors.length === round);
      assert.throws(() => right.socket.send(ALL_NODES, solicitation), { code: 'ENETUNREACH', syscall: 'sendmsg' });
      ip('link set right up');
      await until('a message', () => {
        left.socket.send(ALL_NODES, solicitation);
        return right.heard.length > 0;
      });
      right.heard.length = 0;
    }
    assert.deepEqual(right.errors, ['ENETDOWN', 'ENETDOWN', 'ENETDOWN']);
  },

  'an interface that is deleted while messages are sent is an error, and costs no busy loop': async () => {
    await createIpv6Cable();
    await using right = listen('right');
    const refusals = new Set<unknown>();
    const sending = setInterval(() => {
      try {
        for (let i = 0; i < 100; i++) right.socket.send(ALL_NODES, solicitation, { source: RIGHT });
      } catch (error) {
        refusals.add((error as NodeJS.ErrnoException).code);
      }
    }, 0);
    await until('messages', () => right.socket.statistics().messagesSent > 1000);
    ip('link delete left');
    await until('both errors', () => right.errors.length === 2);
    await until('a refusal', () => refusals.has('ENODEV'));
    clearInterval(sending);
    assert.deepEqual(right.errors, ['ENETDOWN', 'ENODEV']);
    assert.throws(() => right.socket.send(ALL_NODES, solicitation), { code: 'ENODEV', syscall: 'sendmsg' });
    const before = performance.nodeTiming.uvMetricsInfo.loopCount;
    await sleep(300);
    const turns = performance.nodeTiming.uvMetricsInfo.loopCount - before;
    assert.ok(turns < 100, `${turns} turns of the event loop`);
  },

  'an interface that is deleted long after it went down is gone, too': async () => {
    await createIpv6Cable();
    await using right = listen('right');
    ip('link set right down');
    await until('the first error', () => right.errors.length === 1);
    await sleep(4_000);
    ip('link delete left');
    await until('the second error', () => right.errors.length === 2);
    assert.deepEqual(right.errors, ['ENETDOWN', 'ENODEV']);
  },

  'a renamed interface stays the same': async () => {
    await createIpv6Cable();
    await using right = listen('right');
    await using left = listen('left');
    ip('link set right down');
    ip('link set right name other');
    ip('link set other up');
    await until('a message', () => {
      left.socket.send(ALL_NODES, solicitation);
      return right.heard.length > 0;
    });
  },

  'what cannot be opened says why, and leaves no descriptor behind': async () => {
    await createIpv6Cable();
    const before = openDescriptors();
    const onMessages = () => {};
    assert.throws(() => openIcmpv6Socket({ interfaceName: 'nowhere', types, onMessages }), { code: 'ENODEV' });
    assert.throws(() => openIcmpv6Socket({ interfaceIndex: 4242, types, onMessages }), { code: 'ENXIO' });
    const endless = [{ code: 0x05, jt: 0, jf: 0, k: 9 }]; // jumps out of the program
    assert.throws(() => openIcmpv6Socket({ interfaceName: 'left', types, filter: endless, onMessages }), {
      code: 'EINVAL',
      syscall: 'setsockopt',
    });
    const script = `import { openIcmpv6Socket } from '@steelyard/linux-socket/icmpv6';
      try { openIcmpv6Socket({ interfaceName: 'left', types: [135], onMessages() {} }); }
      catch (error) { console.log(error.code + ' ' + error.message); }`;
    const run = (capabilities: string) =>
      execFileSync(
        'setpriv',
        [
          ...['--bounding-set', capabilities, '--inh-caps', capabilities, process.execPath],
          ...['--conditions=@steelyard/source', '--input-type=module', '-e', script],
        ],
        { cwd: import.meta.dirname },
      ).toString();
    assert.match(run('-all'), /^EPERM .*CAP_NET_RAW/u);
    assert.equal(openDescriptors(), before);
  },

  'closing inside a callback ends it there, any number of times, and leaves no descriptor behind': async () => {
    await createIpv6Cable();
    const before = openDescriptors();
    let calls = 0;
    const right = openIcmpv6Socket({
      interfaceName: 'right',
      types,
      maxMessagesPerWakeup: 1,
      onMessages: (batch) => {
        calls += 1;
        void right.close();
        void right.close();
        assert.equal(batch.hopLimit(0), 255);
      },
    });
    const left = listen('left');
    for (let i = 0; i < 10; i++) left.socket.send(ALL_NODES, solicitation);
    await until('a call', () => calls > 0);
    await sleep(50);
    assert.equal(calls, 1);
    await left.socket.close();
    assert.throws(() => left.socket.send(ALL_NODES, solicitation), { code: 'ERR_LINUX_SOCKET_CLOSED' });
    assert.equal(openDescriptors(), before);
  },

  'sockets in a worker thread survive worker.terminate() while they send': async () => {
    await createIpv6Cable();
    const before = openDescriptors();
    for (let round = 0; round < 8; round++) {
      const worker = new Worker(new URL('icmpv6-flood-worker.ts', import.meta.url));
      let flooding = false;
      worker.on('message', () => {
        flooding = true;
      });
      await until('the flood', () => flooding);
      await worker.terminate();
    }
    assert.equal(openDescriptors(), before);
  },

  'the example of the README hears a solicitation': async () => {
    await createIpv6Cable();
    const example = new URL('../../../packages/linux-socket/examples/hear-solicitations.ts', import.meta.url);
    const child = spawn(process.execPath, ['--conditions=@steelyard/source', fileURLToPath(example), 'right'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += String(chunk);
    });
    await until('it to listen', () => printed.includes('listening on right\n'));
    await using stranger = strangerOnLeft();
    const group = address('ff02::1:ff00:1');
    const asking = (target: string) => message(NEIGHBOR_SOLICITATION, [0, 0, 0, 0, ...address(target)]);
    stranger.send(icmpv6Frame(group, asking('2001:db8::9'), 64));
    stranger.send(icmpv6Frame(group, asking('2001:db8::1'), 255));
    const line = 'fe80:0000:0000:0000:0000:0000:0000:0001 asks for 2001:0db8:0000:0000:0000:0000:0000:0001\n';
    await until('the solicitation', () => printed.endsWith(line));
    assert.equal(printed.split('\n').length, 3);
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    assert.deepEqual(await ended, [0, null]);
  },

  'a process ends by itself once its sockets are closed or unreferenced': async () => {
    await createIpv6Cable();
    const toggled = listen('right');
    toggled.socket.unref();
    toggled.socket.ref();
    toggled.socket.unref();
    await listen('right').socket.close();
    openMulticastGroups({ interfaceIndex: toggled.socket.interfaceIndex }).join(address('ff02::77'));
  },
};
