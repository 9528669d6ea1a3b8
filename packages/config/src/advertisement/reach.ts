import { type Labels, matchesAnyLabelSelector, type ParsedLabelSelector } from '../selectors/label-selector.ts';

/** What layer 2 and BGP advertisements, and BGP peers, say of the nodes that they are for. */
export interface NodeScope {
  /** One must match the node's labels; empty takes all nodes. */
  readonly nodeSelectors: readonly ParsedLabelSelector[];
}

/** What layer 2 and BGP advertisements say of the Services that they are for. */
export interface ServiceScope {
  /** One must match the Service's labels; empty takes all Services. */
  readonly serviceSelectors: readonly ParsedLabelSelector[];
}

/** Whether an advertisement lets a node announce. */
export function advertisesFromNode(advertisement: NodeScope, nodeLabels: Labels): boolean {
  return selectsNode(advertisement, nodeLabels);
}

/** Whether an advertisement is for a Service. */
export function advertisesService({ serviceSelectors }: ServiceScope, serviceLabels: Labels): boolean {
  return serviceSelectors.length === 0 || matchesAnyLabelSelector(serviceSelectors, serviceLabels);
}

/** Whether something is for a node: no selector is for all. */
export function selectsNode({ nodeSelectors }: NodeScope, nodeLabels: Labels): boolean {
  return nodeSelectors.length === 0 || matchesAnyLabelSelector(nodeSelectors, nodeLabels);
}
