import type { ObjectReference } from '../problem/problem.ts';
import { compareTexts } from './compare-texts.ts';
import { jsonText } from './json-text.ts';
import { isObject, labelsOf, objectOr, textOr, type UntrustedObject, withoutNulls } from './untrusted.ts';

/** An object of the API, with nothing checked but that it is one. */
export interface ApiObject {
  readonly reference: ObjectReference;
  readonly labels: ReadonlyMap<string, string>;
  /** `{}` if there is none; without members that are null. May be anything. */
  readonly spec: unknown;
}

/** Objects of one kind. */
export interface ApiObjects {
  /** Those that have a name: the older first, then by name. */
  readonly named: readonly ApiObject[];
  readonly nameless: readonly ApiObject[];
  /** Something in the list was no object at all. */
  readonly lost: boolean;
}

/** Who an object is, as far as it says so. */
export function referenceOf(kind: string, object: UntrustedObject): ObjectReference {
  const metadata = objectOr(object['metadata']);
  return { kind, namespace: textOr(metadata['namespace']), name: textOr(metadata['name']) };
}

/** Reads a list of objects and puts it in the order of precedence, which does not depend on the order of the list. */
export function readObjects(kind: string, list: readonly unknown[]): ApiObjects {
  const objects = list
    .filter(isObject)
    .sort(olderFirst)
    .map((object) => readObject(kind, object));
  return {
    named: objects.filter(({ reference }) => reference.name !== ''),
    nameless: objects.filter(({ reference }) => reference.name === ''),
    lost: objects.length < list.length,
  };
}

function readObject(kind: string, object: UntrustedObject): ApiObject {
  return {
    reference: referenceOf(kind, object),
    labels: labelsOf(objectOr(object['metadata'])['labels']),
    spec: withoutNulls(object['spec'] ?? {}),
  };
}

/** By creation, then by name: of two objects that cannot both be in force the one that was there first stands. */
function olderFirst(a: UntrustedObject, b: UntrustedObject): number {
  const [left, right] = [objectOr(a['metadata']), objectOr(b['metadata'])];
  return (
    compareTexts(textOr(left['creationTimestamp'], '~'), textOr(right['creationTimestamp'], '~')) ||
    compareTexts(textOr(left['name']), textOr(right['name'])) ||
    compareTexts(textOr(left['namespace']), textOr(right['namespace'])) ||
    compareTexts(jsonText(a), jsonText(b)) // never so in a cluster, where a name is there once
  );
}
