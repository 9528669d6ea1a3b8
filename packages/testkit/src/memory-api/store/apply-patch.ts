/**
 * Server-side apply as far as controllers use it for a status: what is applied is merged into what is there.
 *
 * Who owns which field is not kept, so nothing is ever taken away by leaving it out.
 */

import { isJsonObject, type JsonObject } from '../json-value.ts';

/** Lists of objects with a `type` are maps by it (`x-kubernetes-list-map-keys`), such as conditions. Others are values. */
export function applyPatch(target: unknown, applied: unknown): unknown {
  if (isTyped(applied) && isTyped(target)) return mergeByType(target, applied);
  if (!isJsonObject(applied)) return applied;
  const merged: JsonObject = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(applied)) merged[key] = applyPatch(merged[key], value);
  return merged;
}

type Typed = readonly { readonly type: string }[];

function isTyped(value: unknown): value is Typed {
  return Array.isArray(value) && value.every((item) => isJsonObject(item) && typeof item['type'] === 'string');
}

function mergeByType(target: Typed, applied: Typed): unknown {
  const kept = target.map((item) => applyPatch(item, applied.find(({ type }) => type === item.type) ?? {}));
  return [...kept, ...applied.filter(({ type }) => !target.some((item) => item.type === type))];
}
