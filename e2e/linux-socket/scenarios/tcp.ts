import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { openPacketSocket } from '@steelyard/linux-socket/packet';
import {
  connectTcp,
  listenTcp,
  readTcpMd5Counters,
  setTcpOptions,
  type TcpConnectOptions,
  unsentOctets,
} from '@steelyard/linux-socket/tcp';
import { collectGarbage, openDescriptors } from '../resources.ts';
import { addCable, connected, counterHere, createTwoHosts, echoes, grows } from '../tcp-hosts.ts';
import { type Cases, ip, until } from '../veth.ts';

const key = new TextEncoder().encode('open sesame');
const otherKey = new TextEncoder().encode('open barley');
/** This host and the other, as in {@link createTwoHosts}. */
const families = [
  { here: '192.0.2.1', there: '192.0.2.2' },
  { here: '2001:db8::1', there: '2001:db8::2' },
] as const;
const GTSM_DROPS = 'TCPMinTTLDrop';

/** Tries to connect, waits for a counter of the peer's to grow, and asserts that the connection was not made. */
async function triesInVain(options: TcpConnectOptions, read: () => Promise<number>, what: string): Promise<void> {
  const before = await read();
  const socket = connectTcp(options);
  socket.on('error', () => {});
  await grows(read, before, what);
  assert.equal(socket.connecting, true);
  socket.destroy();
}

/** TTL and traffic class of the TCP packets that arrive at `left`. */
function watchPackets(etherType: number) {
  const seen = new Set<string>();
  const socket = openPacketSocket({
    interfaceName: 'left',
    etherType,
    onFrames(batch) {
      for (let i = 0; i < batch.count; i++) {
        const packet = batch.frame(i).subarray(14);
        const ipv4 = etherType === 0x0800;
        if (packet[ipv4 ? 9 : 6] !== 6) continue;
        const trafficClass = ipv4 ? packet[1] : (((packet[0] ?? 0) & 15) << 4) | ((packet[1] ?? 0) >> 4);
        const tcp = packet.subarray(ipv4 ? 20 : 40);
        const kind = ((tcp[13] ?? 0) & 0x3f) === 0x12 ? 'SYN-ACK' : ((tcp[13] ?? 0) & 2) === 2 ? 'SYN' : 'segment';
        seen.add(`${kind}: ${packet[ipv4 ? 8 : 7]}, 0x${trafficClass?.toString(16)}`);
      }
    },
  });
  return { seen, [Symbol.asyncDispose]: () => socket.close() };
}

async function output(child: ChildProcess): Promise<string> {
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      printed += String(chunk);
    });
  }
  await once(child, 'close');
  return printed;
}

function run(script: string, ...before: string[]): string {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const [command = '', ...words] = [...before, process.execPath, '--conditions=@steelyard/source', file];
  return execFileSync(command, words, { timeout: 20_000 }).toString();
}

export const cases: Cases = {
  'the right key connects; another, none, and one that nobody expects do not, and are counted': async () => {
    using peer = await createTwoHosts();
    const port = await peer.listen();
    for (const { here, there } of families) {
      await peer.setMd5Key({ address: here, key });
      const socket = await connected(connectTcp({ address: there, port, md5Key: key }));
      await echoes(socket);
      socket.destroy();
      const counter = (name: string) => () => peer.counter(name);
      await triesInVain({ address: there, port }, counter('TCPMD5NotFound'), 'a segment without a signature');
      await triesInVain({ address: there, port, md5Key: otherKey }, counter('TCPMD5Failure'), 'a wrong signature');
      await peer.setMd5Key({ address: here, key: undefined });
      await triesInVain({ address: there, port, md5Key: key }, counter('TCPMD5Unexpected'), 'an unexpected signature');
      const open = await connected(connectTcp({ address: there, port }));
      open.destroy();
    }
  },

  'this host reads its own counters of signatures': async () => {
    using peer = await createTwoHosts();
    await using listener = await listenTcp({ port: 0, onConnection: (socket) => socket.destroy() });
    listener.setMd5Key({ address: '192.0.2.2', key });
    assert.deepEqual(await readTcpMd5Counters(), { notFound: 0, unexpected: 0, failure: 0 });
    void peer.connect({ address: '192.0.2.1', port: listener.port, md5Key: otherKey });
    await grows(async () => (await readTcpMd5Counters()).failure, 0, 'a wrong signature');
    void peer.connect({ address: '192.0.2.1', port: listener.port });
    await grows(async () => (await readTcpMd5Counters()).notFound, 0, 'a segment without signature');
    void peer.connect({ address: '2001:db8::1', port: listener.port, md5Key: key });
    await grows(async () => (await readTcpMd5Counters()).unexpected, 0, 'an unexpected signature');
  },

  'keys of prefixes: the longest match counts, also of IPv4 on a listener of both families': async () => {
    using peer = await createTwoHosts();
    for (const address of [undefined, '0.0.0.0']) {
      const port = await peer.listen(address === undefined ? {} : { address });
      const connects = async (there: string, md5Key: Uint8Array): Promise<void> => {
        (await connected(connectTcp({ address: there, port, md5Key }))).destroy();
      };
      const failures = (): Promise<number> => peer.counter('TCPMD5Failure');
      await peer.setMd5Key({ address: '192.0.2.99', prefixLength: 24, key }); // bits that do not count
      await connects('192.0.2.2', key);
      await peer.setMd5Key({ address: '192.0.2.0', prefixLength: 28, key: otherKey });
      await connects('192.0.2.2', otherKey);
      await triesInVain({ address: '192.0.2.2', port, md5Key: key }, failures, 'the shorter match to fail');
      await peer.setMd5Key({ address: '192.0.2.1', prefixLength: 32, key });
      await connects('192.0.2.2', key);
      await peer.setMd5Key({ address: '192.0.2.1', key: undefined });
      await connects('192.0.2.2', otherKey);
      await peer.setMd5Key({ address: '192.0.2.3', prefixLength: 28, key: undefined });
      await peer.setMd5Key({ address: '192.0.2.0', prefixLength: 24, key: undefined });
      await peer.setMd5Key({ address: '192.0.2.0', prefixLength: 24, key: undefined }); // nothing to remove is no error
      await peer.setMd5Key({ address: '0.0.0.0', prefixLength: 0, key });
      await connects('192.0.2.2', key);
      if (address !== undefined) continue;
      await peer.setMd5Key({ address: '::', prefixLength: 0, key: otherKey });
      await connects('2001:db8::2', otherKey);
      await connects('192.0.2.2', key);
      await peer.setMd5Key({ address: '2001:db8::', prefixLength: 32, key });
      await connects('2001:db8::2', key);
    }
  },

  'a port that is closed says nothing to who has a key or demands a TTL': async () => {
    using _peer = await createTwoHosts();
    for (const { there } of families) {
      const again = async (): Promise<number> => counterHere('TCPSynRetrans');
      await triesInVain({ address: there, port: 1, md5Key: key }, again, 'another SYN, since there was no reset');
      const low = async (): Promise<number> => counterHere(GTSM_DROPS);
      await triesInVain({ address: there, port: 1, minTtl: 255 }, low, 'a reset with a low TTL');
      const [error] = await once(connectTcp({ address: there, port: 1 }), 'error');
      assert.equal(error.code, 'ECONNREFUSED');
    }
  },

  'a key that is replaced or removed counts for new connections; who is connected stays so': async () => {
    using peer = await createTwoHosts();
    const port = await peer.listen();
    await peer.setMd5Key({ address: '192.0.2.1', key });
    const first = await connected(connectTcp({ address: '192.0.2.2', port, md5Key: key }));
    await peer.setMd5Key({ address: '192.0.2.1', key: otherKey });
    await echoes(first);
    const second = await connected(connectTcp({ address: '192.0.2.2', port, md5Key: otherKey }));
    await peer.setMd5Key({ address: '192.0.2.1', key: undefined });
    await echoes(first);
    await echoes(second);
    for (const socket of [first, second]) socket.destroy();
  },

  'the device of a key has to be a VRF': async () => {
    using peer = await createTwoHosts();
    await peer.listen();
    await assert.rejects(peer.setMd5Key({ address: '192.0.2.1', key, device: 'right' }), /EINVAL.*must be a VRF/u);
    await assert.rejects(peer.setMd5Key({ address: '192.0.2.1', key, device: 'nowhere' }), /ENODEV/u);
  },

  'GTSM: a listener hears only who sends with TTL 255, and a connection only a listener that does': async () => {
    using peer = await createTwoHosts();
    for (const { there } of families) {
      const drops = (): Promise<number> => peer.counter(GTSM_DROPS);
      const port = await peer.listen({ minTtl: 255, ttl: 255 });
      await triesInVain({ address: there, port }, drops, 'a packet with a low TTL');
      await triesInVain({ address: there, port, ttl: 254 }, drops, 'a packet with a low TTL');
      const socket = await connected(connectTcp({ address: there, port, ttl: 255, minTtl: 255 }));
      await echoes(socket, 100_000);
      assert.equal(await triesToLowerTtl(), true);
      socket.destroy();

      async function triesToLowerTtl(): Promise<boolean> {
        const before = await drops();
        setTcpOptions(socket, { ttl: 64 }); // the connection has inherited what the listener demands
        socket.write('dropped');
        await grows(drops, before, 'a segment with a low TTL');
        setTcpOptions(socket, { ttl: 255 });
        await until('the retransmission to arrive', () => unsentOctets(socket) === 0);
        return true;
      }
    }
  },

  'GTSM of one connection: SYN-ACKs with a low TTL are dropped, and what a listener demands of one peer only':
    async () => {
      using peer = await createTwoHosts();
      for (const { here, there } of families) {
        const port = await peer.listen({ ttl: 254 });
        await triesInVain(
          { address: there, port, minTtl: 255 },
          async () => counterHere(GTSM_DROPS),
          'a SYN-ACK with a low TTL',
        );
        let octets = 0;
        await using listener = await listenTcp({
          port: 0,
          onConnection(socket) {
            socket.on('error', () => {});
            setTcpOptions(socket, { minTtl: 255 });
            socket.write('to be echoed');
            socket.on('data', (chunk) => {
              octets += chunk.length;
            });
            accepted.resolve(socket);
          },
        });
        const accepted = Promise.withResolvers<Socket>();
        const before = counterHere(GTSM_DROPS);
        await peer.connect({ address: here, port: listener.port });
        const socket = await accepted.promise;
        await grows(() => counterHere(GTSM_DROPS), before, 'a segment with a low TTL');
        assert.equal(octets, 0);
        setTcpOptions(socket, { minTtl: 1 });
        await until('the echo', () => octets === 12);
        socket.destroy();
      }
    },

  'TTL and traffic class are on the wire from the first packet on, and connections inherit them': async () => {
    using peer = await createTwoHosts();
    const marked = { ttl: 77, trafficClass: 0xc0 };
    for (const [{ here, there }, etherType] of [
      [families[0], 0x0800],
      [families[1], 0x86dd],
    ] as const) {
      await using packets = watchPackets(etherType);
      const port = await peer.listen(marked);
      const socket = await connected(connectTcp({ address: there, port }));
      await echoes(socket);
      await until('packets of the listener', () => packets.seen.size === 2);
      socket.destroy();
      await using listener = await listenTcp({ port: 0, onConnection: (taken) => taken.on('error', () => {}) });
      await peer.connect({ ...marked, address: here, port: listener.port });
      await until('a SYN', () => packets.seen.size === 3);
      assert.deepEqual(packets.seen, new Set(['SYN: 77, 0xc0', 'SYN-ACK: 77, 0xc0', 'segment: 77, 0xc0']));
    }
  },

  'a connection comes from the address and port that were chosen; one that the host lacks is EADDRNOTAVAIL':
    async () => {
      using peer = await createTwoHosts();
      const before = openDescriptors();
      ip('address add 192.0.2.11/24 dev left');
      ip('address add 2001:db8::11/64 dev left nodad');
      const port = await peer.listen();
      for (const [address, localAddress] of [
        ['192.0.2.2', '192.0.2.11'],
        ['2001:db8::2', '2001:db8::11'],
      ] as const) {
        const socket = await connected(connectTcp({ address, port, localAddress, localPort: 20_179 }));
        assert.deepEqual([socket.localAddress, socket.localPort], [localAddress, 20_179]);
        assert.deepEqual((await peer.connections()).at(-1), {
          remoteAddress: localAddress,
          remotePort: 20_179,
          localAddress: address,
          localPort: port,
        });
        const taken = connectTcp({ address, port, localAddress, localPort: 20_179 });
        const [refused] = await once(taken, 'error');
        assert.equal(refused.code, 'EADDRINUSE');
        socket.destroy();
      }
      for (const [address, localAddress] of [
        ['192.0.2.2', '198.51.100.1'],
        ['2001:db8::2', '2001:db8:1::1'],
      ] as const) {
        const socket = connectTcp({ address, port, localAddress });
        let closed = false;
        socket.on('close', () => {
          closed = true;
        });
        const [error] = await once(socket, 'error');
        assert.equal(error.code, 'EADDRNOTAVAIL');
        assert.equal(error.syscall, 'bind');
        assert.match(error.message, /must be an address of this host/u);
        assert.equal(closed, true);
      }
      assert.equal(openDescriptors(), before);
    },

  'a device decides by which cable a connection goes, and which a listener hears': async () => {
    using peer = await createTwoHosts();
    addCable(peer, peer.ip, 'left2', 'right2');
    ip('address add 198.51.100.1/24 dev left2');
    peer.ip('address add 198.51.100.2/24 dev right2');
    const port = await peer.listen();
    for (const [device, localAddress] of [
      [undefined, '192.0.2.1'],
      ['left', '192.0.2.1'],
      ['left2', '198.51.100.1'],
    ] as const) {
      const socket = await connected(connectTcp({ address: '192.0.2.2', port, device }));
      assert.equal(socket.localAddress, localAddress);
      socket.destroy();
    }
    const bound = await peer.listen({ device: 'right2' });
    const socket = await connected(connectTcp({ address: '198.51.100.2', port: bound }));
    socket.destroy();
    const [refused] = await once(connectTcp({ address: '192.0.2.2', port: bound }), 'error');
    assert.equal(refused.code, 'ECONNREFUSED');
    const [missing] = await once(connectTcp({ address: '192.0.2.2', port, device: 'nowhere' }), 'error');
    assert.equal(missing.code, 'ENODEV');
    await assert.rejects(peer.listen({ device: 'nowhere' }), /ENODEV.*no interface nowhere/u);
  },

  'link-local addresses: a zone, or a device in its place; with keys and from a chosen address': async () => {
    using peer = await createTwoHosts();
    ip('address add fe80::11/64 dev left nodad preferred_lft 0'); // the kernel does not choose it
    const port = await peer.listen();
    await peer.setMd5Key({ address: 'fe80::11', key });
    const zones: Partial<TcpConnectOptions>[] = [
      { address: 'fe80::2%left' },
      { address: 'fe80::2', device: 'left' },
      { address: `fe80::2%${execFileSync('ip', ['-o', 'link', 'show', 'left']).toString().split(':')[0]}` },
    ];
    for (const zone of zones) {
      for (const more of [{}, { localAddress: 'fe80::11', md5Key: key }]) {
        const socket = await connected(connectTcp({ address: '', port, ...zone, ...more }));
        await echoes(socket);
        const from = 'localAddress' in more ? 'fe80::11' : socket.localAddress?.split('%')[0];
        assert.equal(socket.localAddress, `${from}%left`);
        const seen = (await peer.connections()).at(-1);
        assert.deepEqual([seen?.remoteAddress, seen?.localAddress], [`${from}%right`, 'fe80::2%right']);
        socket.destroy();
      }
    }
    const [error] = await once(connectTcp({ address: 'fe80::2%nowhere', port }), 'error');
    assert.equal(error.code, 'ENODEV');
    const elsewhere = await peer.listen({ address: 'fe80::2%right' });
    (await connected(connectTcp({ address: 'fe80::2%left', port: elsewhere }))).destroy();
  },

  'unacknowledged octets are known until the peer has them, and also that they never will be': async () => {
    using peer = await createTwoHosts();
    const port = await peer.listen();
    const socket = await connected(connectTcp({ address: '192.0.2.2', port, userTimeoutMs: 200 }));
    await echoes(socket);
    await until('all to be acknowledged', () => unsentOctets(socket) === 0);
    peer.ip('link set right down');
    socket.write(new Uint8Array(1000));
    await turn();
    assert.equal(unsentOctets(socket), 1000);
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'ETIMEDOUT');
    assert.equal(unsentOctets(socket), undefined);
  },

  'what Node.js still holds is unacknowledged, too': async () => {
    using peer = await createTwoHosts();
    await using listener = await listenTcp({
      port: 0,
      onConnection(socket) {
        socket.on('error', () => {});
        socket.write(new Uint8Array(20_000_000)); // much more than the buffers of two hosts
        accepted.resolve(socket);
      },
    });
    const accepted = Promise.withResolvers<Socket>();
    const connecting = connectTcp({ address: '192.0.2.2', port: await peer.listen() });
    connecting.write('early');
    assert.equal(unsentOctets(connecting), 5); // not connected yet
    connecting.destroy();
    void peer.connect({ address: '192.0.2.1', port: listener.port });
    const socket = await accepted.promise;
    assert.ok((unsentOctets(socket) ?? 0) >= 10_000_000);
    socket.destroy();
    assert.equal(unsentOctets(socket), undefined);
  },

  'without IPv6 addresses, a listener of both families serves IPv4': async () => {
    ip('link set lo up');
    execFileSync('sysctl', ['-qw', 'net.ipv6.conf.all.disable_ipv6=1']);
    await using listener = await listenTcp({ port: 0, onConnection: (socket) => socket.end('x') });
    const socket = connectTcp({ address: '127.0.0.1', port: listener.port });
    await once(socket, 'data');
    socket.destroy();
    const [error] = await once(connectTcp({ address: '::1', port: listener.port }), 'error');
    assert.equal(error.code, 'EADDRNOTAVAIL');
  },

  'a thousand connections of every fate leave nothing open': async () => {
    ip('link set lo up');
    const before = openDescriptors();
    {
      await using listener = await listenTcp({
        port: 0,
        onConnection: (socket) => socket.on('error', () => {}).end('taken'),
      });
      listener.setMd5Key({ address: '127.0.0.3', key });
      const fates: Partial<TcpConnectOptions>[] = [
        {},
        { address: '::1' },
        { port: 1 }, // refused
        { localAddress: '192.0.2.1' }, // not this host's
        { device: 'nowhere' },
        { address: 'fe80::1%nowhere' },
        { localAddress: '127.0.0.3' }, // not answered
        { localAddress: '127.0.0.3', md5Key: key },
      ];
      for (let i = 0; i < 125; i++) {
        const sockets = fates.map((fate) => connectTcp({ address: '127.0.0.1', port: listener.port, ...fate }));
        await Promise.all(
          sockets.map(async (socket, fate) => {
            const closed = Promise.withResolvers<void>();
            socket.on('error', () => {});
            socket.on('close', () => closed.resolve());
            if (fate === 6) setImmediate(() => socket.destroy());
            else socket.resume();
            if (i % 5 === fate) socket.destroy();
            await closed.promise;
          }),
        );
      }
    }
    await until(
      () => `sockets to close: ${openDescriptors()} of ${before}`,
      () => openDescriptors() === before,
    );
    await collectGarbage();
    assert.equal(openDescriptors(), before);
  },

  'a listener and its connections on a worker thread work, and vanish with it': async () => {
    ip('link set lo up');
    const before = openDescriptors();
    for (let i = 0; i < 3; i++) {
      const worker = new Worker(new URL('tcp-worker.ts', import.meta.url));
      const [said] = await once(worker, 'message');
      assert.equal(said, 'echoed');
      assert.ok(openDescriptors() > before + 20);
      await worker.terminate();
      assert.equal(openDescriptors(), before);
    }
  },

  'unreferenced sockets let the process end': async () => {
    ip('link set lo up');
    assert.equal(run('tcp-unreferenced.ts'), 'unreferenced\n');
  },

  'the example of the README connects, and says what is wrong': async () => {
    ip('link set lo up');
    const example = fileURLToPath(new URL('../../../packages/linux-socket/examples/dial-router.ts', import.meta.url));
    const listener = await listenTcp({
      port: 179,
      ttl: 255,
      minTtl: 255,
      onConnection: (socket) => socket.end('BGP').on('error', () => {}),
    });
    listener.setMd5Key({ address: '127.0.0.1', key });
    const words = [process.execPath, '--conditions=@steelyard/source', example, '127.0.0.1', 'open sesame'];
    const dial = () => spawn(words[0] ?? '', words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    assert.match(await output(dial()), /^connected from 127.0.0.1\n3 octets; unacknowledged of ours: 0\n$/u);
    listener.setMd5Key({ address: '127.0.0.1', key: otherKey });
    assert.match(await output(dial()), /^no answer: .*notFound: 0, unexpected: 0, failure: [1-9]/u);
    await listener.close();
  },

  'no capability is needed but for ports below 1024': async () => {
    ip('link set lo up');
    // A user namespace of one user has no other to become.
    const hasUsers = Number(readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/u)[2]) > 65_534;
    const nobody = 'setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all'.split(' ');
    const dropped = hasUsers ? nobody : 'setpriv --inh-caps=-all --bounding-set=-all'.split(' ');
    assert.equal(run('tcp-unprivileged.ts', ...dropped), 'without privilege\n');
  },
};
