import { isObject, type UntrustedObject } from '../objects/untrusted.ts';
import { nearestKey } from '../problem/nearest-key.ts';
import type { Finding } from '../problem/problem.ts';
import { legacyDocument } from './legacy-document.ts';
import { type KeyTree, unknownKey } from './unknown-key.ts';

const LEGACY_KEYS: KeyTree = legacyDocument.keys ?? {};

/** As many as anybody reads. */
const MAX_FINDINGS = 20;

/**
 * The keys of a document that MetalLB never had, but for those in its pools. Without their values: the password of a
 * peer is one if its key is misspelled.
 */
export function unknownKeys(document: UntrustedObject): Finding[] {
  const findings = find(document, { ...LEGACY_KEYS, 'address-pools': undefined }, '');
  return findings.map((finding) => ({ ...finding, value: undefined }));
}

/** The keys of a pool that MetalLB never had. */
export function unknownPoolKeys(pool: UntrustedObject, at: string): Finding[] {
  return find(pool, LEGACY_KEYS['address-pools'] ?? {}, at);
}

function find(value: UntrustedObject, keys: KeyTree, at: string): Finding[] {
  const findings: Finding[] = [];
  visit(value, keys, at, findings);
  return findings;
}

/** Whether a document names its pools by a misspelled key: then it is not without pools, they only cannot be read. */
export function misspellsPools(document: UntrustedObject): boolean {
  return (
    !Object.hasOwn(document, 'address-pools') &&
    Object.keys(document).some(
      (key) => !Object.hasOwn(LEGACY_KEYS, key) && nearestKey(key, Object.keys(LEGACY_KEYS)) === 'address-pools',
    )
  );
}

function visit(value: unknown, keys: KeyTree, at: string, findings: Finding[]): void {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      visit(item, keys, `${at}[${i}]`, findings);
    }
  } else if (isObject(value)) {
    const known = Object.keys(keys);
    for (const [key, member] of Object.entries(value)) {
      const field = at === '' ? key : `${at}.${key}`;
      if (findings.length >= MAX_FINDINGS) {
        return;
      }
      if (!Object.hasOwn(keys, key)) {
        findings.push(unknownKey(key, field, member, known));
      } else if (keys[key] !== undefined) {
        visit(member, keys[key], field, findings);
      }
    }
  }
}
