import { type GoScalar, resolveGoScalar } from './go-scalar.ts';

/**
 * The value of a text that has a tag: `!!int` and its like insist on what they are, all others leave the text as it is.
 *
 * @returns Undefined if the text is not what its tag says.
 * @see yaml/v2 `resolve.go`
 */
export function taggedValue(tag: string, text: string): GoScalar | undefined {
  const value = resolveGoScalar(text);
  switch (tag) {
    case '!!int':
      return typeof value === 'bigint' ? value : undefined;
    case '!!float':
      return typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : undefined;
    case '!!bool':
      return typeof value === 'boolean' ? value : undefined;
    case '!!null':
      return value === null ? value : undefined;
    case '!!binary':
      return binaryText(text);
    default:
      return text; // !!str, !!timestamp, and tags of somebody's own
  }
}

/** The text whose UTF-8 octets are written in base64. */
function binaryText(base64: string): string | undefined {
  try {
    const octets = Uint8Array.from(atob(base64.replaceAll(/\s/g, '')), (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return undefined;
  }
}
