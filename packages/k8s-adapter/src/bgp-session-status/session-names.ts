import { createHash } from 'node:crypto';

/** Of an object's name (RFC 1123 as Kubernetes has it), and of a label's value. */
const MAX_NAME_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;
const HASH_LENGTH = 10;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** The names that the object of a session may have. */
export interface SessionNames {
  /** `<node>-<peer>`, where that is a name. */
  readonly usual: string;
  /** Of these two and no others: `a-b` and `c` would have the usual name of `a` and `b-c`. */
  readonly exact: string;
}

export function sessionNames(node: string, peer: string): SessionNames {
  const plain = `${node}-${peer}`;
  const exact = withHash(plain, JSON.stringify([node, peer]), MAX_NAME_LENGTH);
  return { usual: plain.length <= MAX_NAME_LENGTH && SUBDOMAIN.test(plain) ? plain : exact, exact };
}

/** A text as a label's value: itself where it is one. */
export function labelValueOf(text: string): string {
  const fits = text.length <= MAX_LABEL_LENGTH && LABEL_VALUE.test(text);
  return fits ? text : withHash(text, text, MAX_LABEL_LENGTH);
}

function withHash(text: string, identity: string, maxLength: number): string {
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, HASH_LENGTH);
  const readable = text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .slice(0, maxLength - HASH_LENGTH - 1)
    .split('.')
    .map((part) => part.replace(/^-+|-+$/g, ''))
    .filter((part) => part !== '')
    .join('.');
  return readable === '' ? hash : `${readable}-${hash}`;
}
