import type { Link, NetworkView } from '@steelyard/linux-socket/link';
import { FAMILIES, type NetworkFacts, NO_NETWORK, refuseInterface } from './interfaces.ts';

/** A driver that is loaded anew, a bond that is built anew and a cable that flaps need less. */
export const LINGER_MS = 3_000;

/** The network, and in it for a while what has gone. */
export interface LingeringNetwork {
  readonly network: NetworkFacts;
  /** Family and name → since when it is gone. */
  readonly goneSinceMs: ReadonlyMap<string, number>;
  /** When to look again, if nothing changes meanwhile. */
  readonly nextMs: number | undefined;
}

/** Before anything was seen. */
export const NOTHING_LINGERS: LingeringNetwork = { network: NO_NETWORK, goneSinceMs: new Map(), nextMs: undefined };

/**
 * Keeps an interface that has vanished, or has no link-local address for the moment, among the usable ones: its
 * responder waits for it, and announces everything anew when it is back. Without this a flapping cable would make of
 * each address a line, an Event and a status, twice each time. What is enslaved or renamed is let go at once, for it is
 * announced on by another name.
 */
export function withLingering(
  before: LingeringNetwork,
  network: NetworkFacts,
  { links }: Pick<NetworkView, 'links'>,
  nowMs: number,
): LingeringNetwork {
  const present = new Map([...links.values()].map((link) => [link.name, link]));
  const goneSinceMs = new Map<string, number>();
  const names = new Set(network.names);
  const usable = { ipv4: new Map(network.usable.ipv4), ipv6: new Map(network.usable.ipv6) };
  for (const family of FAMILIES) {
    for (const [name, last] of before.network.usable[family]) {
      if (usable[family].has(name)) continue;
      const now = present.get(name);
      if (now === undefined ? links.has(last.index) : refuseInterface(now, family, () => false) !== 'NoLinkLocal') {
        continue;
      }
      const key = `${family} ${name}`;
      const sinceMs = before.goneSinceMs.get(key) ?? nowMs;
      if (nowMs - sinceMs >= LINGER_MS) continue;
      goneSinceMs.set(key, sinceMs);
      names.add(name);
      usable[family].set(name, now ?? downed(last));
    }
  }
  if (goneSinceMs.size === 0) return { network, goneSinceMs, nextMs: undefined };
  return {
    network: {
      names,
      usable,
      // With an interface its addresses and routes have gone: not the moment to announce them.
      localAddresses: new Set([...network.localAddresses, ...before.network.localAddresses]),
      gateways: new Set([...network.gateways, ...before.network.gateways]),
      macs: network.macs,
    },
    goneSinceMs,
    nextMs: Math.min(...goneSinceMs.values()) + LINGER_MS,
  };
}

/** As nobody has to be told twice, the same object again where it is down already. */
function downed(link: Link): Link {
  if (!link.up && link.addresses.length === 0) return link;
  return { ...link, up: false, running: false, addresses: [] };
}
