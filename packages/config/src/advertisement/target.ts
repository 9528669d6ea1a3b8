import { textsOf, type UntrustedObject } from '../objects/untrusted.ts';
import type { Finding } from '../problem/problem.ts';
import { duplicateName } from '../selectors/duplicate-definitions.ts';
import { selectorText } from '../selectors/go-selector-text.ts';
import { NOTHING, type ParsedLabelSelector } from '../selectors/label-selector.ts';
import { DUPLICATE_REMEDY, readSelectorList } from '../selectors/selector-list.ts';

/** The pools, nodes and Services that an advertisement of either protocol is for. */
export interface AdvertisementTarget {
  readonly poolNames: ReadonlySet<string>;
  /** Without names and selectors it is for all pools. */
  readonly poolSelectors: readonly ParsedLabelSelector[];
  readonly nodeSelectors: readonly ParsedLabelSelector[];
  readonly serviceSelectors: readonly ParsedLabelSelector[];
  /** Whether all of it could be read; what is written twice is. */
  readonly readable: boolean;
}

/** Reads what L2Advertisement and BGPAdvertisement have in common. What cannot be read matches nothing. */
export function readAdvertisementTarget(
  name: string,
  spec: UntrustedObject,
  report: (finding: Finding) => void,
): AdvertisementTarget {
  reportDuplicate(spec, 'ipAddressPools', 'ipAddressPools', report);
  const read = (field: string, complain: (why: string, selector: unknown) => string) =>
    readSelectorList(spec[field], `spec.${field}`, complain, report);
  const invalidSelector = (why: string, selector: unknown) =>
    `${why}: invalid label selector ${selectorText(selector)}`;
  const pools = read('ipAddressPoolSelectors', invalidSelector);
  const nodes = read(
    'nodeSelectors',
    (why, selector) => `${invalidSelector(why, selector)}: failed to parse node selector for ${name}`,
  );
  const services = read(
    'serviceSelectors',
    (why, selector) =>
      `invalid service selector ${selectorText(selector)}: ${why}: failed to parse service selector for ${name}`,
  );
  const { ipAddressPools } = spec;
  const namesReadable = ipAddressPools === undefined || Array.isArray(ipAddressPools);
  return {
    poolNames: new Set(textsOf(ipAddressPools)),
    poolSelectors: namesReadable ? pools.selectors : [...pools.selectors, NOTHING],
    nodeSelectors: nodes.selectors,
    serviceSelectors: services.selectors,
    readable: [pools, nodes, services].every((part) => part.readable),
  };
}

/** Reports the first text that a list of the spec holds twice. */
export function reportDuplicate(
  spec: UntrustedObject,
  field: string,
  words: string,
  report: (finding: Finding) => void,
): void {
  const duplicate = duplicateName(spec[field], words);
  if (duplicate !== undefined) {
    report({
      field: `spec.${field}${duplicate.at}`,
      value: duplicate.value,
      code: 'ERR_CONFIG_DUPLICATE_DEFINITION',
      message: duplicate.message,
      remedy: DUPLICATE_REMEDY,
    });
  }
}
