import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { openIcmpv6Socket, openMulticastGroups } from '@steelyard/linux-socket/icmpv6';
import { address, createIpv6Cable, groupsOf, setSysctl } from '../ipv6.ts';
import { openDescriptors } from '../resources.ts';
import { type Cases, ip, until } from '../veth.ts';

const COUNT = 600;
/** What old kernels have. Since Linux 6.8 each network namespace has its own; before, it cannot be set in one, and is not seen there. */
const SMALL_OPTMEM = '20480';

/** The solicited-node multicast address of the `i`th of many: RFC 4291, section 2.7.1. */
function solicitedNode(i: number): Uint8Array {
  const group = address('ff02::1:ff53:0');
  group[14] = i >> 8;
  group[15] = i & 0xff;
  return group;
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

function indexOf(interfaceName: string): number {
  const [link] = JSON.parse(execFileSync('ip', ['-j', 'link', 'show', interfaceName]).toString()) as {
    ifindex: number;
  }[];
  return link?.ifindex ?? 0;
}

/** How many of the groups the kernel lists. */
function joined(interfaceName: string, from = 0, to: number = COUNT): number {
  const groups = groupsOf(interfaceName);
  let count = 0;
  for (let i = from; i < to; i++) if (groups.has(hex(solicitedNode(i)))) count += 1;
  return count;
}

export const cases: Cases = {
  'six hundred groups take several sockets where the kernel gives each little memory, and room is used again':
    async () => {
      const limited = existsSync('/proc/sys/net/core/optmem_max');
      if (limited) setSysctl('net/core/optmem_max', SMALL_OPTMEM);
      await createIpv6Cable();
      const before = { descriptors: openDescriptors(), groups: groupsOf('left') };
      const groups = openMulticastGroups({ interfaceIndex: indexOf('left') });
      for (let i = 0; i < COUNT; i++) groups.join(solicitedNode(i));
      assert.deepEqual([joined('left'), groups.size], [COUNT, COUNT]);
      const sockets = openDescriptors() - before.descriptors;
      process.stdout.write(`${sockets} sockets\n`);
      if (limited) assert.equal(sockets, 2);
      for (let round = 0; round < 20; round++) {
        for (let i = 0; i < COUNT; i += 2) groups.leave(solicitedNode(i));
        assert.equal(joined('left'), COUNT / 2);
        for (let i = 0; i < COUNT; i += 2) groups.join(solicitedNode(i));
        assert.equal(joined('left'), COUNT);
      }
      assert.equal(openDescriptors() - before.descriptors, sockets);
      for (let i = 0; i < COUNT; i++) groups.leave(solicitedNode(i));
      assert.deepEqual({ descriptors: openDescriptors(), groups: groupsOf('left') }, before);
      for (let i = 0; i < COUNT; i++) groups.join(solicitedNode(i));
      await groups.close();
      assert.deepEqual({ descriptors: openDescriptors(), groups: groupsOf('left') }, before);
    },

  'a socket that may not have memory for one group says what to do': async () => {
    if (!existsSync('/proc/sys/net/core/optmem_max')) return;
    await createIpv6Cable();
    const before = openDescriptors();
    setSysctl('net/core/optmem_max', '16');
    const groups = openMulticastGroups({ interfaceIndex: indexOf('left') });
    assert.throws(() => groups.join(solicitedNode(1)), { code: 'ENOMEM', message: /raise net\.core\.optmem_max/u });
    assert.deepEqual([groups.size, openDescriptors()], [0, before]);
    setSysctl('net/core/optmem_max', SMALL_OPTMEM);
    groups.join(solicitedNode(1));
    assert.equal(joined('left', 1, 2), 1);
    await groups.close();
  },

  'a group that was joined twice is left when both have left it': async () => {
    await createIpv6Cable();
    await using groups = openMulticastGroups({ interfaceIndex: indexOf('left') });
    await using others = openMulticastGroups({ interfaceIndex: indexOf('left') });
    const group = solicitedNode(1);
    const users = () => groupsOf('left').get(hex(group)) ?? 0;
    groups.join(group);
    groups.join(group);
    others.join(group);
    assert.deepEqual([users(), groups.size], [2, 1]); // the kernel counts sockets
    groups.leave(group);
    assert.deepEqual([users(), groups.size], [2, 1]);
    groups.leave(group);
    assert.deepEqual([users(), groups.size], [1, 0]);
    groups.leave(group); // not ours any more
    assert.equal(users(), 1);
    await others.close();
    assert.equal(users(), 0);
  },

  'the kernel opens the interface for the group, and reports it by MLD': async () => {
    await createIpv6Cable();
    const reports: Uint8Array[] = [];
    const right = indexOf('right');
    await using routers = openMulticastGroups({ interfaceIndex: right });
    routers.join(address('ff02::16')); // where MLDv2 reports go: RFC 3810, section 5.2.14
    await using _listener = openIcmpv6Socket({
      interfaceIndex: right,
      types: [143],
      onMessages: (batch) => {
        for (let i = 0; i < batch.count; i++) reports.push(batch.message(i).slice());
      },
    });
    const group = solicitedNode(0x77);
    const reported = (record: number) =>
      reports.some((report) => hex(report).includes(`${record.toString(16).padStart(2, '0')}000000${hex(group)}`));
    await using groups = openMulticastGroups({ interfaceIndex: indexOf('left') });
    groups.join(group);
    assert.ok(readFileSync('/proc/net/dev_mcast', 'utf8').includes('3333ff530077'));
    await until('the report', () => reported(4)); // CHANGE_TO_EXCLUDE_MODE of nothing: a join
    groups.leave(group);
    assert.ok(!readFileSync('/proc/net/dev_mcast', 'utf8').includes('3333ff530077'));
    await until('the other report', () => reported(3)); // CHANGE_TO_INCLUDE_MODE of nothing: a leave
  },

  'groups survive an interface that goes down and up again': async () => {
    await createIpv6Cable();
    await using groups = openMulticastGroups({ interfaceIndex: indexOf('left') });
    ip('link set left down');
    for (let i = 0; i < 10; i++) groups.join(solicitedNode(i));
    ip('link set left up');
    assert.equal(joined('left', 0, 10), 10);
    assert.ok(readFileSync('/proc/net/dev_mcast', 'utf8').includes('3333ff530009'));
  },

  'groups end with their interface; on its successor, even under its index, they are joined by opening anew':
    async () => {
      await createIpv6Cable();
      const interfaceIndex = indexOf('left');
      const before = openDescriptors();
      const groups = openMulticastGroups({ interfaceIndex });
      for (let i = 0; i < 10; i++) groups.join(solicitedNode(i));
      ip('link delete left');
      assert.throws(() => groups.join(solicitedNode(11)), { code: 'ENODEV', message: /on its successor/u });
      groups.leave(solicitedNode(0));
      assert.throws(() => openMulticastGroups({ interfaceIndex }), { code: 'ENXIO' });
      ip(`link add name left index ${interfaceIndex} type veth peer name other`);
      ip('link set left up');
      assert.equal(joined('left', 0, 10), 0);
      await groups.close();
      await using successor = openMulticastGroups({ interfaceIndex });
      for (let i = 0; i < 10; i++) successor.join(solicitedNode(i));
      assert.equal(joined('left', 0, 10), 10);
      await successor.close();
      assert.equal(openDescriptors(), before);
    },

  'an interface without IPv6 says so': async () => {
    await createIpv6Cable();
    ip('link set left mtu 1000');
    await using groups = openMulticastGroups({ interfaceIndex: indexOf('left') });
    assert.throws(() => groups.join(solicitedNode(1)), { code: 'EINVAL', message: /an MTU of 1280/u });
  },

  'joining needs no privilege': async () => {
    await createIpv6Cable();
    const script = `import { readFileSync } from 'node:fs';
      import { openMulticastGroups } from '@steelyard/linux-socket/icmpv6';
      const groups = openMulticastGroups({ interfaceIndex: ${indexOf('left')} });
      groups.join(Uint8Array.from(Buffer.from('${hex(solicitedNode(5))}', 'hex')));
      process.stdout.write(readFileSync('/proc/net/igmp6', 'utf8'));`;
    const dropped = ['--bounding-set', '-all', '--inh-caps', '-all', process.execPath];
    const printed = execFileSync(
      'setpriv',
      [...dropped, '--conditions=@steelyard/source', '--input-type=module', '-e', script],
      { cwd: import.meta.dirname },
    );
    assert.match(printed.toString(), new RegExp(hex(solicitedNode(5)), 'u'));
    assert.equal(joined('left', 5, 6), 0);
  },
};
