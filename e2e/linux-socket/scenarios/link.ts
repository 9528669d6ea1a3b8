import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { type Link, type NetworkView, watchLinks } from '@steelyard/linux-socket/link';
import { type Cases, createCable, ip, until } from '../veth.ts';

interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly address?: string;
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number; readonly scope: string }[];
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

/** What ip(8) sees: the judge. */
function seenByIp(): unknown[] {
  const links = JSON.parse(execFileSync('ip', ['-j', '-d', 'address']).toString()) as IpLink[];
  return links.map((link) => ({
    index: link.ifindex,
    name: link.ifname,
    mac: link.address === '00:00:00:00:00:00' ? undefined : link.address,
    up: link.flags.includes('UP'),
    running: link.flags.includes('LOWER_UP'),
    mtu: link.mtu,
    master: link.master,
    kind: link.linkinfo?.info_kind,
    addresses: link.addr_info.map(({ local, prefixlen, scope }) => `${local}/${prefixlen} ${scope}`).sort(byText),
  }));
}

function seenByUs(view: NetworkView): unknown[] {
  return [...view.links.values()].map((link) => ({
    index: link.index,
    name: link.name,
    mac: link.mac,
    up: link.up,
    running: link.running,
    mtu: link.mtu,
    master: view.links.get(link.masterIndex ?? 0)?.name,
    kind: link.kind,
    addresses: link.addresses
      .map(({ address, prefixLength, scope }) => `${address}/${prefixLength} ${scope}`)
      .sort(byText),
  }));
}

function linkNamed(view: NetworkView, name: string): Link | undefined {
  return [...view.links.values()].find((link) => link.name === name);
}

function isSame(view: NetworkView): boolean {
  return JSON.stringify(seenByUs(view)) === JSON.stringify(seenByIp());
}

export const cases: Cases = {
  'the first view is what ip(8) shows, and so is each after a change': async () => {
    await createCable();
    ip('address add 192.0.2.1/24 dev left');
    ip('address add 192.0.2.7/32 dev left');
    ip('address add 2001:db8::1/64 dev left nodad');
    await using watcher = await watchLinks({ onChange: () => {}, onError: assert.fail });
    await until('the first view', () => isSame(watcher.view));
    const steps = [
      'link add name br0 type bridge',
      'link set right master br0',
      'link set br0 up',
      'link add name other type veth peer name another',
      'link set left mtu 1400',
      'address add 198.51.100.1/25 dev br0',
      'address delete 192.0.2.7/32 dev left',
      'link set br0 address 02:00:00:00:00:77',
      'link set right nomaster',
      'link set left down',
      'link set left name renamed',
      'link set renamed up',
      'link delete other',
      'link delete br0',
    ];
    for (const step of steps) {
      ip(step);
      await until(step, () => isSame(watcher.view));
    }
  },

  'default gateways of all tables follow every way in which routes come and go': async () => {
    await createCable();
    ip('address add 192.0.2.1/24 dev left');
    ip('address add 2001:db8::1/64 dev left nodad');
    ip('route add default via 192.0.2.254');
    await using watcher = await watchLinks({ onChange: () => {}, onError: assert.fail });
    assert.deepEqual(watcher.view.gateways, ['192.0.2.254']);
    const steps: [string, string[]][] = [
      ['route replace default via 192.0.2.253', ['192.0.2.253']],
      ['route add default via 192.0.2.252 table 100', ['192.0.2.252', '192.0.2.253']],
      ['-6 route add default via fe80::1 dev left', ['192.0.2.252', '192.0.2.253', 'fe80::1']],
      ['route add 203.0.113.0/24 via 192.0.2.251', ['192.0.2.252', '192.0.2.253', 'fe80::1']],
      [
        'route replace default nexthop via 192.0.2.249 dev left nexthop via 192.0.2.250 dev left',
        ['192.0.2.249', '192.0.2.250', '192.0.2.252', 'fe80::1'],
      ],
      ['-4 route replace default via inet6 fe80::9 dev left', ['192.0.2.252', 'fe80::1', 'fe80::9']],
      ['route replace blackhole default', ['192.0.2.252', 'fe80::1']],
      ['link set left down', []], // IPv4 routes go without a word
    ];
    for (const [step, gateways] of steps) {
      ip(step);
      await until(
        () => `${step}: ${watcher.view.gateways}`,
        () => JSON.stringify(watcher.view.gateways) === JSON.stringify(gateways),
      );
    }
  },

  'events that were lost are made up for by asking anew': async () => {
    await createCable();
    let changes = 0;
    await using watcher = await watchLinks({
      onChange: () => {
        changes += 1;
      },
      onError: assert.fail,
    });
    // Thousands of events while this thread is busy: the receive buffer cannot hold them.
    const lines: string[] = [];
    for (let i = 0; i < 30_000; i++) lines.push(`link set left mtu ${1000 + (i % 400)}`);
    lines.push('link set left mtu 1234', 'address add 192.0.2.99/32 dev left');
    execFileSync('ip', ['-batch', '-'], { input: lines.join('\n') });
    await until('the last state', () => {
      const left = linkNamed(watcher.view, 'left');
      return left?.mtu === 1234 && left.addresses.some(({ address }) => address === '192.0.2.99');
    });
    assert.ok(changes > 0);
    assert.ok(isSame(watcher.view));
  },

  'changes of routes that are not default routes wake nobody up, and what did not change stays the same object':
    async () => {
      await createCable();
      ip('address add 192.0.2.1/24 dev left');
      const views: NetworkView[] = [];
      await using watcher = await watchLinks({ onChange: (view) => views.push(view), onError: assert.fail });
      await until('quiet', () => isSame(watcher.view));
      views.length = 0;
      const right = linkNamed(watcher.view, 'right');
      const lines: string[] = [];
      for (let i = 0; i < 1000; i++) lines.push(`route add 203.0.${i >> 8}.${i & 255}/32 via 192.0.2.254`);
      execFileSync('ip', ['-batch', '-'], { input: lines.join('\n') });
      ip('link set left mtu 1300');
      await until('the change', () => linkNamed(watcher.view, 'left')?.mtu === 1300);
      assert.equal(linkNamed(watcher.view, 'right'), right);
    },

  'a carrier that is lost and comes back in one turn of the event loop is told': async () => {
    await createCable();
    await using watcher = await watchLinks({ onChange: () => {}, onError: assert.fail });
    await until('quiet', () => isSame(watcher.view) && linkNamed(watcher.view, 'left')?.running === true);
    const before = linkNamed(watcher.view, 'left')?.carrierDownCount ?? assert.fail('no link');
    ip('link set right down'); // waited for without a turn
    ip('link set right up');
    await until('the change', () => (linkNamed(watcher.view, 'left')?.carrierDownCount ?? 0) > before);
    await until('the carrier', () => linkNamed(watcher.view, 'left')?.running === true);
  },

  'after close no callback comes, and the process ends': async () => {
    await createCable();
    const watcher = await watchLinks({ onChange: () => assert.fail('a change after close') });
    await watcher.close();
    await watcher.close();
    ip('link set left mtu 1300');
  },
};
