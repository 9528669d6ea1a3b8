import { listOr } from '../objects/untrusted.ts';
import type { Finding } from '../problem/problem.ts';
import { duplicateSelector } from './duplicate-definitions.ts';
import { NOTHING, type ParsedLabelSelector, parseLabelSelector } from './label-selector.ts';

/** What a selector that cannot be read is, and how its author puts it right. */
export const SELECTOR_REMEDY = 'use the operators In, NotIn, Exists and DoesNotExist, and valid label keys and values';
/** How a double entry is put right. */
export const DUPLICATE_REMEDY = 'remove one of the two';

/** A list of selectors of which one must match. */
export interface SelectorList {
  /** As many as were written: one that cannot be read matches nothing, so that it never widens what it should narrow. */
  readonly selectors: readonly ParsedLabelSelector[];
  /** Whether each of them could be read. */
  readonly readable: boolean;
}

/**
 * Reads a list of label selectors.
 *
 * @param value - The list, from outside; missing is empty.
 * @param at - Where it stands: `spec.nodeSelectors`.
 * @param complain - MetalLB's words for a selector of this list, around those of Kubernetes (where Go breaks the line
 *   between errors that it joins, there is `: `).
 */
export function readSelectorList(
  value: unknown,
  at: string,
  complain: (why: string, selector: unknown) => string,
  report: (finding: Finding) => void,
): SelectorList {
  const field = at.slice(at.lastIndexOf('.') + 1);
  const duplicate = duplicateSelector(value, field);
  if (duplicate !== undefined) {
    report({
      field: `${at}${duplicate.at}`,
      value: duplicate.value,
      code: 'ERR_CONFIG_DUPLICATE_DEFINITION',
      message: duplicate.message,
      remedy: DUPLICATE_REMEDY,
    });
  }
  if (value !== undefined && !Array.isArray(value)) {
    return { selectors: [NOTHING], readable: false }; // the schema's finding says so already
  }
  let readable = true;
  const selectors = listOr(value).map((selector, i) => {
    const parsed = parseLabelSelector(selector ?? {});
    if (parsed.ok) {
      return parsed.value;
    }
    readable = false;
    const { failure } = parsed;
    report({
      field: `${at}[${i}]${failure.field === '' ? '' : `.${failure.field}`}`,
      value: failure.value,
      code: 'ERR_CONFIG_INVALID_SELECTOR',
      message: complain(failure.message, selector),
      remedy: SELECTOR_REMEDY,
    });
    return NOTHING;
  });
  return { selectors, readable };
}
