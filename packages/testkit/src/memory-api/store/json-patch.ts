/** JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7386). */

import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, textAt, valueAt } from '../json-value.ts';
import { badRequest, StatusError } from '../status-error.ts';

/** @see {@link https://www.rfc-editor.org/rfc/rfc7386#section-2 | RFC 7386, section 2} */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const merged: JsonObject = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/**
 * Applies the operations in order to a copy.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6902#section-4 | RFC 6902, section 4}
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations');
  const document = { root: structuredClone(target) };
  for (const operation of patch) applyOperation(document, operation);
  return document.root;
}

function applyOperation(document: { root: unknown }, operation: unknown): void {
  const path = pointer(textAt(operation, 'path'));
  const value = structuredClone(valueAt(operation, 'value'));
  switch (textAt(operation, 'op')) {
    case 'add':
      put(document, path, value, true);
      break;
    case 'replace':
      read(document, path);
      put(document, path, value, false);
      break;
    case 'remove':
      remove(document, path);
      break;
    case 'test':
      if (isDeepStrictEqual(read(document, path), value)) break;
      throw refused(`testing value ${textAt(operation, 'path')} failed`);
    case 'copy':
      put(document, path, structuredClone(read(document, pointer(textAt(operation, 'from')))), true);
      break;
    case 'move': {
      const from = pointer(textAt(operation, 'from'));
      const moved = read(document, from);
      remove(document, from);
      put(document, path, moved, true);
      break;
    }
    default:
      throw refused(`Unexpected kind: ${textAt(operation, 'op')}`);
  }
}

function refused(why: string): StatusError {
  return new StatusError(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`, {});
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc6901 | RFC 6901}; '' is the whole document. */
function pointer(path: string): string[] {
  return [
    'root',
    ...path
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')),
  ];
}

function child(parent: unknown, step: string): unknown {
  if (Array.isArray(parent)) return parent[Number(step)];
  return isJsonObject(parent) ? parent[step] : undefined;
}

function read(document: { root: unknown }, path: readonly string[]): unknown {
  let value: unknown = document;
  for (const step of path) {
    value = child(value, step);
    if (value === undefined) throw refused(`missing value at ${path.slice(1).join('/')}`);
  }
  return value;
}

function put(document: { root: unknown }, path: readonly string[], value: unknown, insert: boolean): void {
  const parent = path.length > 1 ? read(document, path.slice(0, -1)) : document;
  const last = path.at(-1) ?? '';
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last);
    if (!(index >= 0 && index <= parent.length)) throw refused(`index out of bounds: ${last}`);
    parent.splice(index, insert ? 0 : 1, value);
  } else if (isJsonObject(parent)) {
    parent[last] = value;
  }
}

function remove(document: { root: unknown }, path: readonly string[]): void {
  read(document, path);
  const parent = read(document, path.slice(0, -1));
  const last = path.at(-1) ?? '';
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (isJsonObject(parent)) delete parent[last];
}
