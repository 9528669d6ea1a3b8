import { createHash } from 'node:crypto';

/** What of the objects the rule speaks of, as they are written. */
export interface Situation {
  readonly advertisements: readonly { readonly spec: AdvertisementSpec }[];
  readonly nodes: readonly NodeObject[];
  readonly serviceLabels: Labels;
  readonly shared: boolean;
  readonly local: boolean;
  /** In the order of the status, in canonical text. */
  readonly addresses: readonly string[];
  readonly endpoints: readonly EndpointObject[];
  readonly ignoreExcludeLb: boolean;
  /** Undefined without gossip. */
  readonly members: readonly string[] | undefined;
}
type Labels = Readonly<Record<string, string>>;
interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}
export interface AdvertisementSpec {
  readonly nodeSelectors?: readonly Selector[];
  readonly serviceSelectors?: readonly Selector[];
  readonly preferredNodeSelectors?: readonly { readonly weight: number; readonly preference: Selector }[];
  readonly interfaces?: readonly string[];
}
export interface NodeObject {
  readonly metadata: { readonly name: string; readonly labels: Labels };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}
export interface EndpointObject {
  readonly nodeName?: string;
  readonly conditions: { readonly ready?: boolean; readonly serving?: boolean };
}

function selects(selector: Selector, labels: Labels): boolean {
  const byLabels = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  const byExpressions = (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const among = value !== undefined && values.includes(value);
    return operator === 'In' ? among : !among;
  });
  return byLabels && byExpressions;
}

const none = (selectors: readonly Selector[] | undefined): boolean => selectors === undefined || selectors.length === 0;
const any = (selectors: readonly Selector[] | undefined, labels: Labels): boolean =>
  (selectors ?? []).some((selector) => selects(selector, labels));

/**
 * Who announces, by the nine steps of MetalLB's rule, written down one after the other with no thought of how long they
 * take: what the packages make of it is compared with this.
 *
 * @returns The owner, and why nobody is one, in MetalLB's words; `candidates` as scores by node.
 */
export function ownerByRule(situation: Situation): { owner: string | undefined; because: string } {
  const { advertisements, nodes, serviceLabels, endpoints } = situation;
  // 1
  const serving = endpoints.filter(({ conditions: { ready, serving } }) => (ready ?? true) || serving === true);
  if (serving.length === 0) return { owner: undefined, because: 'notOwner' };
  // 2
  const a = advertisements
    .map(({ spec }) => spec)
    .filter(({ serviceSelectors }) => none(serviceSelectors) || any(serviceSelectors, serviceLabels));
  // 3
  if (situation.shared && a.some(({ serviceSelectors }) => !none(serviceSelectors))) {
    return { owner: undefined, because: 'sharedIPWithServiceSelector' };
  }
  // 4 and 5
  const has = ({ nodeSelectors }: AdvertisementSpec, { metadata }: NodeObject): boolean =>
    none(nodeSelectors) || any(nodeSelectors, metadata.labels);
  const advertised = nodes.filter((node) => a.some((advertisement) => has(advertisement, node)));
  if (advertised.length === 0) return { owner: undefined, because: 'noMatchingAdvertisement' };
  let candidates = advertised.filter(
    ({ metadata: { name, labels }, status: { conditions } }) =>
      (situation.members?.includes(name) ?? true) &&
      !conditions.some(({ type, status }) => type === 'NetworkUnavailable' && status === 'True') &&
      (situation.ignoreExcludeLb || labels['node.kubernetes.io/exclude-from-external-load-balancers'] === undefined),
  );
  // 6
  if (situation.local) {
    candidates = candidates.filter(({ metadata: { name } }) => serving.some(({ nodeName }) => nodeName === name));
  }
  // 8
  const score = (node: NodeObject): number =>
    a
      .filter((advertisement) => has(advertisement, node))
      .flatMap(({ preferredNodeSelectors }) => preferredNodeSelectors ?? [])
      .filter(({ preference }) => selects(preference, node.metadata.labels))
      .reduce((sum, { weight }) => sum + weight, 0);
  const hash = ({ metadata: { name } }: NodeObject): string =>
    createHash('sha256').update(`${name}#${situation.addresses[0]}`).digest('hex');
  const [first] = candidates.toSorted((x, y) => score(y) - score(x) || (hash(x) < hash(y) ? -1 : 1));
  // 7 and 9
  return { owner: first?.metadata.name, because: first === undefined ? 'notOwner' : '' };
}
