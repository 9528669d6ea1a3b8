import { goQuote } from '@steelyard/ipam';
import { compareTexts } from '../objects/compare-texts.ts';
import { isObject, listOr, objectOr, textOr, textsOf } from '../objects/untrusted.ts';

/** How one text is written inside a selector. */
type Spelling = (text: string) => string;

/** A selector as Go prints the struct with `%v`. */
export function selectorText(selector: unknown): string {
  return structText(selector, (text) => text);
}

/** A selector as Go prints the struct with `%q`; equal selectors have equal texts. */
export function quotedSelectorText(selector: unknown): string {
  return structText(selector, goQuote);
}

/** A requirement as Go prints the struct with `%q`. */
export function quotedRequirementText(requirement: unknown): string {
  return requirementText(requirement, goQuote);
}

/** A selector as its generated `String()` writes it: what `%v` prints of a pointer. */
export function selectorString(selector: unknown): string {
  const labels = sortedLabels(selector).map(([key, value]) => `${key}: ${value},`);
  const expressions = expressionsOf(selector).map((expression) => {
    const { key, operator, values } = objectOr(expression);
    const list = `[${sortedTexts(values).join(' ')}]`;
    return `LabelSelectorRequirement{Key:${textOr(key)},Operator:${textOr(operator)},Values:${list},},`;
  });
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

function structText(selector: unknown, spell: Spelling): string {
  const labels = sortedLabels(selector).map(([key, value]) => `${spell(key)}:${spell(value)}`);
  const expressions = expressionsOf(selector).map((expression) => requirementText(expression, spell));
  return `{map[${labels.join(' ')}] [${expressions.join(' ')}]}`;
}

function requirementText(requirement: unknown, spell: Spelling): string {
  const { key, operator, values } = objectOr(requirement);
  return `{${spell(textOr(key))} ${spell(textOr(operator))} [${sortedTexts(values).map(spell).join(' ')}]}`;
}

/** Go prints maps in the order of their keys. */
function sortedLabels(selector: unknown): readonly (readonly [string, string])[] {
  const { matchLabels } = objectOr(selector);
  return Object.entries(objectOr(matchLabels))
    .map(([key, value]) => [key, textOr(value)] as const)
    .sort(([a], [b]) => compareTexts(a, b));
}

function expressionsOf(selector: unknown): readonly unknown[] {
  return listOr(objectOr(selector)['matchExpressions']).filter(isObject);
}

/** MetalLB sorts the values of an expression in place before it does anything with them. */
function sortedTexts(values: unknown): readonly string[] {
  return textsOf(values).sort(compareTexts);
}
