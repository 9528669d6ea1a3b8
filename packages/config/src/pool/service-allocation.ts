import { isObject, textsOf } from '../objects/untrusted.ts';
import type { Finding } from '../problem/problem.ts';
import { duplicateName } from '../selectors/duplicate-definitions.ts';
import { selectorString, selectorText } from '../selectors/go-selector-text.ts';
import { type Labels, matchesAnyLabelSelector, type ParsedLabelSelector } from '../selectors/label-selector.ts';
import { DUPLICATE_REMEDY, readSelectorList } from '../selectors/selector-list.ts';

/** What the parser needs to know of a Namespace. */
export interface NamespaceView {
  readonly name: string;
  readonly labels: Labels;
}

/** Who may use a pool: `spec.serviceAllocation` with its namespace selectors resolved. */
export interface ServiceAllocationRule {
  /** Lower comes first; 0 comes last. */
  readonly priority: number;
  /**
   * The namespaces that may use the pool; `any` where none is named or selected. A set may be empty: selectors that
   * match no namespace admit nobody (MetalLB then forgets the restriction). `unknown` while it cannot be told.
   */
  readonly namespaces: ReadonlySet<string> | 'any' | 'unknown';
  /** One must match the Service's labels; empty admits all. */
  readonly serviceSelectors: readonly ParsedLabelSelector[];
}

/** What a pool needs to know of a Service. */
export interface ServiceIdentity {
  readonly namespace: string;
  readonly labels: Labels;
}

/**
 * Reads `spec.serviceAllocation`.
 *
 * @param namespaces - All Namespaces, or `undefined` while they are not known.
 * @see MetalLB `internal/config/config.go`, `addressPoolServiceAllocationsFromCR`
 */
export function readServiceAllocation(
  value: unknown,
  pool: string,
  namespaces: readonly NamespaceView[] | undefined,
  report: (finding: Finding) => void,
): ServiceAllocationRule | undefined {
  if (!isObject(value)) {
    return undefined;
  }
  const at = 'spec.serviceAllocation';
  const duplicate = duplicateName(value['namespaces'], 'namespaces');
  if (duplicate !== undefined) {
    report({
      field: `${at}.namespaces${duplicate.at}`,
      value: duplicate.value,
      code: 'ERR_CONFIG_DUPLICATE_DEFINITION',
      message: 'duplicate definition in namespaces field',
      remedy: DUPLICATE_REMEDY,
    });
  }
  const selected = readSelectorList(
    value['namespaceSelectors'],
    `${at}.namespaceSelectors`,
    (why, selector) => `${why}: invalid namespace label selector ${selectorString(selector)} in ip pool ${pool}`,
    report,
  );
  const services = readSelectorList(
    value['serviceSelectors'],
    `${at}.serviceSelectors`,
    (why, selector) => `${why}: invalid service label selector ${selectorText(selector)} in ip pool ${pool}`,
    report,
  );
  const named = textsOf(value['namespaces']);
  return {
    priority: Number.isInteger(value['priority']) ? Number(value['priority']) : 0,
    namespaces: resolveNamespaces(named, selected.selectors, namespaces),
    serviceSelectors: services.selectors,
  };
}

function resolveNamespaces(
  named: readonly string[],
  selectors: readonly ParsedLabelSelector[],
  namespaces: readonly NamespaceView[] | undefined,
): ServiceAllocationRule['namespaces'] {
  if (selectors.length === 0) {
    return named.length === 0 ? 'any' : new Set(named);
  }
  if (namespaces === undefined) {
    return 'unknown';
  }
  const selected = namespaces.filter(({ labels }) => matchesAnyLabelSelector(selectors, labels));
  return new Set([...named, ...selected.map(({ name }) => name)]);
}

/** Whether a rule admits a Service; without a rule everybody is admitted. An `unknown` namespace set admits nobody. */
export function admitsService(rule: ServiceAllocationRule | undefined, service: ServiceIdentity): boolean {
  if (rule === undefined) {
    return true;
  }
  const { namespaces, serviceSelectors } = rule;
  const inNamespace = namespaces === 'any' || (namespaces !== 'unknown' && namespaces.has(service.namespace));
  return inNamespace && (serviceSelectors.length === 0 || matchesAnyLabelSelector(serviceSelectors, service.labels));
}
