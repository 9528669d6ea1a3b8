import { startFrr } from '@steelyard/testkit';
import { openFrrSocket } from '../control-socket.ts';
import { prefixesOf } from '../prefixes.ts';
import type { SenderKind } from './sender.ts';

/** FRR's bgpd with `network` lines. Attributes of their own would need a route-map for each: it is not asked for that. */
export const FRR: SenderKind = {
  name: 'frr',
  profiles: ['same'],
  async start(namespace, { asn, address, peers, count, holdTimeSeconds }) {
    const networks = prefixesOf(0, count).map((prefix) => `  network ${prefix}`);
    const daemon = await startFrr(namespace, {
      asn,
      routerId: address,
      neighbors: peers.map((peer) => ({ ...peer, passive: false })),
      holdTimeSeconds,
      extra: [`router bgp ${asn}`, ' address-family ipv4 unicast', ...networks, ' exit-address-family', 'exit'],
    });
    const socket = await openFrrSocket(daemon.process.pid);
    const configure = async (lines: readonly string[]): Promise<void> => {
      const before = ['enable', 'configure terminal', `router bgp ${asn}`, 'address-family ipv4 unicast'];
      for (const line of [...before, ...lines, 'end']) await socket.ask(line);
    };
    return {
      pid: daemon.process.pid,
      add: (prefix) => configure([`network ${prefix}`]),
      remove: (prefixes) => configure(prefixes.map((prefix) => `no network ${prefix}`)),
      async [Symbol.asyncDispose]() {
        socket[Symbol.dispose]();
        await daemon.stop();
      },
    };
  },
};
