import { goQuote } from './address/go-quote.ts';
import {
  createOrderedTree,
  type OperationCounter,
  type OrderedTree,
  type TreeNode,
} from './collections/ordered-tree.ts';
import { type IpamFailure, refused } from './failure.ts';

/** One port of a Service: the pair that two sharers may not have in common. */
export interface SharingPort {
  readonly protocol: string;
  readonly port: number;
}

/** What decides who may share an address with whom. */
export interface Sharing {
  /** The value of `metallb.io/allow-shared-ip`; empty: does not share. */
  readonly sharingKey: string;
  /** Empty for externalTrafficPolicy Cluster; for Local the selector in its sorted text form. */
  readonly backendKey: string;
  readonly ports: readonly SharingPort[];
}

/** For who shares nothing and says nothing of ports. */
export const UNSHARED: Sharing = { sharingKey: '', backendKey: '', ports: [] };

/** An address in use: who uses it, and which ports are taken on it. */
export interface HeldAddress {
  readonly text: string;
  readonly holders: Map<string, Sharing>;
  /** From `TCP/80` to the holder that has it. */
  readonly ports: Map<string, string>;
  sharingKey: string;
  backendKey: string;
}

/** A port as MetalLB's messages write it. */
export function formatPort(port: SharingPort): string {
  return `${port.protocol}/${port.port}`;
}

/** Whether two say the same, ports in the same order. */
export function sameSharing(a: Sharing, b: Sharing): boolean {
  return (
    a.sharingKey === b.sharingKey &&
    a.backendKey === b.backendKey &&
    a.ports.length === b.ports.length &&
    a.ports.every((port, index) => port.port === b.ports[index]?.port && port.protocol === b.ports[index]?.protocol)
  );
}

/**
 * Whether `holder` may use an address that is in use already, by the rules of MetalLB's allocator: equal non-empty
 * sharing keys, equal backend keys, no port in common. Its only user may change its keys as it likes.
 *
 * @returns Why not, in MetalLB's words; `undefined` if it may.
 */
export function whyNotShared(held: HeldAddress, holder: string, sharing: Sharing): IpamFailure | undefined {
  const keysAgree =
    held.sharingKey !== '' && held.sharingKey === sharing.sharingKey && held.backendKey === sharing.backendKey;
  if (!keysAgree && held.holders.size > (held.holders.has(holder) ? 1 : 0)) {
    const others = [...held.holders.keys()].filter((other) => other !== holder).sort((a, b) => (a < b ? -1 : 1));
    const message = `can't change sharing key for ${goQuote(holder)}, address also in use by ${others.join(',')}`;
    return refused('ERR_IPAM_SHARING_KEY', message).failure;
  }
  for (const port of sharing.ports) {
    const user = held.ports.get(formatPort(port));
    if (user !== undefined && user !== holder) {
      const message = `port ${formatPort(port)} is already in use on ${goQuote(held.text)}`;
      return refused('ERR_IPAM_PORT_IN_USE', message).failure;
    }
  }
  return undefined;
}

/** The ports that are in use on every address of a subtree: a request for any of them need not look inside. */
type CommonPorts = { has(port: string): boolean; keys(): Iterable<string>; readonly size: number };
const NO_PORTS: CommonPorts = new Set<string>();

function intersection(a: CommonPorts, b: CommonPorts): CommonPorts {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  const common = new Set<string>();
  for (const port of small.keys()) {
    if (large.has(port)) {
      common.add(port);
    }
  }
  return common.size === 0 ? NO_PORTS : common;
}

function commonPorts(held: HeldAddress, left: CommonPorts | undefined, right: CommonPorts | undefined): CommonPorts {
  let common: CommonPorts = held.ports;
  for (const side of [left, right]) {
    if (side !== undefined) {
      common = common.size === 0 ? NO_PORTS : intersection(common, side);
    }
  }
  return common;
}

/**
 * The addresses on one line of a pool which are in use under a sharing key, grouped by (sharing key, backend key), each
 * group ordered along the line.
 *
 * The lowest address with room for a set of ports is found without a scan: a subtree in which every address has one
 * of the wanted ports in use is skipped. For one port, or for Services that all want the same ports, that is a logarithm.
 */
export interface SharingCandidates {
  /** Must be called after each change of what `held` carries. */
  put(rank: bigint, held: HeldAddress): void;
  /** Must be called with the keys that `held` was put under. */
  remove(rank: bigint, held: HeldAddress): void;
  /** The lowest rank below `limit` where `sharing` fits. */
  lowest(sharing: Sharing, limit: bigint): bigint | undefined;
}

/** Creates an empty set of candidates. */
export function createSharingCandidates(operations: OperationCounter): SharingCandidates {
  const groups = new Map<string, OrderedTree<HeldAddress, CommonPorts>>();
  const groupKey = (keys: { sharingKey: string; backendKey: string }) =>
    `${keys.sharingKey.length}:${keys.sharingKey}${keys.backendKey}`;

  function search(
    node: TreeNode<HeldAddress, CommonPorts> | undefined,
    ports: readonly string[],
    limit: bigint,
  ): bigint | undefined {
    if (node === undefined) {
      return undefined;
    }
    operations.count++;
    if (ports.some((port) => node.summary.has(port))) {
      return undefined;
    }
    const below = search(node.left, ports, limit);
    if (below !== undefined) {
      return below;
    }
    if (node.key >= limit) {
      return undefined;
    }
    return ports.some((port) => node.value.ports.has(port)) ? search(node.right, ports, limit) : node.key;
  }

  return {
    put(rank, held) {
      if (held.sharingKey === '') {
        return;
      }
      const key = groupKey(held);
      let group = groups.get(key);
      if (group === undefined) {
        group = createOrderedTree(operations, commonPorts);
        groups.set(key, group);
      }
      group.set(rank, held);
    },
    remove(rank, held) {
      const key = groupKey(held);
      const group = groups.get(key);
      group?.delete(rank);
      if (group?.size === 0) {
        groups.delete(key);
      }
    },
    lowest(sharing, limit) {
      if (sharing.sharingKey === '') {
        return undefined;
      }
      return search(groups.get(groupKey(sharing))?.root, sharing.ports.map(formatPort), limit);
    },
  };
}
