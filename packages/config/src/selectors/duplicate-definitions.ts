import { goQuote } from '@steelyard/ipam';
import { isObject, listOr, textOr } from '../objects/untrusted.ts';
import { quotedRequirementText, quotedSelectorText } from './go-selector-text.ts';

/** Something that is written twice where once is meant. */
export interface Duplicate {
  /** Where the second one stands, below the field that was looked at: `[3]` or `[0].matchExpressions[1]`. */
  readonly at: string;
  readonly value: unknown;
  /** MetalLB's words. */
  readonly message: string;
}

/** The first name that a list holds twice: MetalLB's `validateDuplicate`. */
export function duplicateName(list: unknown, field: string): Duplicate | undefined {
  const seen = new Set<unknown>();
  for (const [i, name] of listOr(list).entries()) {
    if (seen.has(name)) {
      return { at: `[${i}]`, value: name, message: `duplicate definition of ${field} ${goQuote(textOr(name))}` };
    }
    seen.add(name);
  }
  return undefined;
}

/**
 * The first duplicate in a list of selectors: a value within an expression, an expression within a selector, a
 * selector within the list. The order of values and of labels makes no difference.
 *
 * @see MetalLB `internal/config/validation.go`, `validateLabelSelectorDuplicate`
 */
export function duplicateSelector(list: unknown, field: string): Duplicate | undefined {
  const selectors = listOr(list).filter(isObject);
  for (const [i, selector] of selectors.entries()) {
    const expressions = listOr(selector['matchExpressions']).filter(isObject);
    for (const [j, expression] of expressions.entries()) {
      const value = duplicateName(expression['values'], 'match expression value in label selector');
      if (value !== undefined) {
        return { ...value, at: `[${i}].matchExpressions[${j}].values${value.at}` };
      }
    }
    const expression = duplicateText(expressions.map(quotedRequirementText));
    if (expression !== undefined) {
      const message = `duplicate definition of match expressions ${expression.text}`;
      return { at: `[${i}].matchExpressions[${expression.index}]`, value: expressions[expression.index], message };
    }
  }
  const selector = duplicateText(selectors.map(quotedSelectorText));
  return selector === undefined
    ? undefined
    : {
        at: `[${selector.index}]`,
        value: selectors[selector.index],
        message: `duplicate definition of ${field} ${selector.text}`,
      };
}

function duplicateText(texts: readonly string[]): { readonly index: number; readonly text: string } | undefined {
  const seen = new Set<string>();
  for (const [index, text] of texts.entries()) {
    if (seen.has(text)) {
      return { index, text };
    }
    seen.add(text);
  }
  return undefined;
}
