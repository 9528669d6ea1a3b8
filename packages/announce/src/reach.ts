import { advertisesFromNode, preferenceForNode, type ResolvedL2Advertisement } from '@steelyard/config';
import type { Candidate } from '@steelyard/election';
import type { NodeView } from './node-view.ts';

/** The interfaces that an address is announced on. */
export type Interfaces = 'all' | readonly string[];

/** Why a node may not announce what some advertisements advertise. */
export type NodeRefusal =
  | 'noMatchingAdvertisement' // no advertisement has this node
  | 'NetworkUnavailable'
  | 'ExcludedFromLoadBalancers'
  | 'UnknownNode';

/** The nodes that some advertisements reach. */
export interface Reach {
  /** Who may announce, in the order of their names, with the weights of all their preferences added up. */
  readonly candidates: readonly Candidate[];
  /** For each candidate, the union over the advertisements that have it; all, where one of them names none. */
  readonly interfaces: ReadonlyMap<string, Interfaces>;
  /** Every other node. */
  readonly refused: ReadonlyMap<string, NodeRefusal>;
}

/** What makes nodes candidates besides advertisements. */
export interface ReachOptions {
  /** `--ignore-exclude-lb`: nodes announce in spite of the label that excludes them. */
  readonly ignoreExcludeLb?: boolean;
}

/**
 * Finds the nodes that may announce a Service by the advertisements that are for it.
 *
 * @see MetalLB `speaker/layer2_controller.go`, `ShouldAnnounce` and `ipAdvertisementFor`
 */
export function reachOf(
  advertisements: readonly ResolvedL2Advertisement[],
  nodes: ReadonlyMap<string, NodeView>,
  options: ReachOptions = {},
): Reach {
  const candidates: Candidate[] = [];
  const interfaces = new Map<string, Interfaces>();
  const refused = new Map<string, NodeRefusal>();
  for (const [name, node] of [...nodes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const role = roleOf(node, advertisements, options);
    if (typeof role === 'string') {
      refused.set(name, role);
      continue;
    }
    candidates.push({ node: name, score: role.score });
    interfaces.set(name, role.interfaces);
  }
  return { candidates, interfaces, refused };
}

/** Whether a Node that changed plays the same part for what these advertisements advertise. */
export function sameRole(
  before: NodeView,
  after: NodeView,
  advertisements: readonly ResolvedL2Advertisement[],
  options: ReachOptions = {},
): boolean {
  const [a, b] = [roleOf(before, advertisements, options), roleOf(after, advertisements, options)];
  return typeof a === 'string' || typeof b === 'string'
    ? a === b
    : a.score === b.score && String(a.interfaces) === String(b.interfaces);
}

/** What a node is for some advertisements: a candidate, or refused for a reason. */
type Role = NodeRefusal | { readonly score: number; readonly interfaces: Interfaces };

function roleOf(node: NodeView, advertisements: readonly ResolvedL2Advertisement[], options: ReachOptions): Role {
  const having = advertisements.filter((advertisement) => advertisesFromNode(advertisement, node.labels));
  return (
    refusalOf(node, having, options) ?? {
      score: having.reduce((sum, advertisement) => sum + preferenceForNode(advertisement, node.labels), 0),
      interfaces: unionOfInterfaces(having),
    }
  );
}

function refusalOf(
  node: NodeView,
  having: readonly ResolvedL2Advertisement[],
  { ignoreExcludeLb }: ReachOptions,
): NodeRefusal | undefined {
  if (having.length === 0) {
    return 'noMatchingAdvertisement';
  }
  if (node.networkUnavailable) {
    return 'NetworkUnavailable';
  }
  return node.excludedFromLoadBalancers && ignoreExcludeLb !== true ? 'ExcludedFromLoadBalancers' : undefined;
}

function unionOfInterfaces(advertisements: readonly ResolvedL2Advertisement[]): Interfaces {
  const names = new Set<string>();
  for (const { interfaces } of advertisements) {
    if (interfaces === 'all') {
      return 'all';
    }
    for (const name of interfaces) {
      names.add(name);
    }
  }
  return [...names].sort((a, b) => (a < b ? -1 : 1));
}
