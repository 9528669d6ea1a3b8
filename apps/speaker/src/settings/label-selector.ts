const NAME = '[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const KEY = `(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?${NAME}`;
const VALUE = `(?:${NAME})?`;
const REQUIREMENT = `(?:!? *${KEY}|${KEY} *(?:=|==|!=) *${VALUE}|${KEY} +(?:in|notin) *\\( *${VALUE}(?: *, *${VALUE})* *\\))`;
const SELECTOR = new RegExp(`^ *${REQUIREMENT}(?: *, *${REQUIREMENT})* *$`);
const MAX_SELECTOR_LENGTH = 4_096;

/**
 * Whether the API server will take this as a `labelSelector`: better asked at the start than once a minute in vain.
 *
 * @see k8s.io/apimachinery `pkg/labels/selector.go`
 */
export function isLabelSelector(text: string): boolean {
  return text.length <= MAX_SELECTOR_LENGTH && SELECTOR.test(text);
}
