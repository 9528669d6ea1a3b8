/**
 * Strategic merge patch: a merge patch that knows which lists are maps.
 * @see {@link https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md | Strategic merge patch}
 */

import { isJsonObject, type JsonObject } from '../json-value.ts';

/** A list whose items are told apart by a field, or whose items are a set of plain values. */
type ListRule = { readonly key: string } | 'set';

/** By the name of the field that holds the list (patchMergeKey of the Go types); a list that is not here is replaced. */
const LISTS: Readonly<Record<string, ListRule>> = {
  containers: { key: 'name' },
  initContainers: { key: 'name' },
  ephemeralContainers: { key: 'name' },
  env: { key: 'name' },
  volumes: { key: 'name' },
  volumeMounts: { key: 'mountPath' },
  volumeDevices: { key: 'devicePath' },
  imagePullSecrets: { key: 'name' },
  secrets: { key: 'name' },
  hostAliases: { key: 'ip' },
  topologySpreadConstraints: { key: 'topologyKey' },
  ownerReferences: { key: 'uid' },
  conditions: { key: 'type' },
  podIPs: { key: 'ip' },
  finalizers: 'set',
  podCIDRs: 'set',
};

/** Where the same name means different things, by the field above it. */
function ruleFor(path: readonly string[], kind: string): ListRule | undefined {
  const field = path.at(-1) ?? '';
  const parent = path.at(-2);
  if (field === 'ports' && kind === 'Service') return { key: 'port' };
  if (field === 'ports' && parent === 'containers') return { key: 'containerPort' };
  if (field === 'addresses') return kind === 'Node' ? { key: 'type' } : undefined;
  return LISTS[field];
}

const SET_ELEMENT_ORDER = '$setElementOrder/';
const DELETE_FROM_PRIMITIVE_LIST = '$deleteFromPrimitiveList/';

/** Applies a patch to a copy of an object of the given kind. */
export function strategicMergePatch(target: JsonObject, patch: JsonObject, kind: string): JsonObject {
  return mergeObjects(target, patch, [], kind);
}

function mergeObjects(target: JsonObject, patch: JsonObject, path: readonly string[], kind: string): JsonObject {
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  if (patch['$patch'] === 'delete') return {};
  const merged: JsonObject = { ...target };
  retainKeys(merged, patch['$retainKeys']);
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith(DELETE_FROM_PRIMITIVE_LIST)) {
      const list = field.slice(DELETE_FROM_PRIMITIVE_LIST.length);
      merged[list] = asList(merged[list]).filter((item) => !asList(value).includes(item));
    }
  }
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$')) continue;
    const fieldPath = [...path, field];
    if (value === null) delete merged[field];
    else if (Array.isArray(value)) merged[field] = mergeLists(asList(merged[field]), value, fieldPath, kind);
    else if (isJsonObject(value)) {
      const current = merged[field];
      merged[field] = mergeObjects(isJsonObject(current) ? current : {}, value, fieldPath, kind);
    } else merged[field] = value;
  }
  for (const [field, order] of Object.entries(patch)) {
    if (field.startsWith(SET_ELEMENT_ORDER)) {
      const list = field.slice(SET_ELEMENT_ORDER.length);
      if (Array.isArray(merged[list]))
        merged[list] = inOrder(asList(merged[list]), asList(order), [...path, list], kind);
    }
  }
  return merged;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function withoutDirectives(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !field.startsWith('$')));
}

function retainKeys(object: JsonObject, keys: unknown): void {
  if (!Array.isArray(keys)) return;
  for (const field of Object.keys(object)) {
    if (!keys.includes(field)) delete object[field];
  }
}

function mergeLists(
  target: readonly unknown[],
  patch: readonly unknown[],
  path: readonly string[],
  kind: string,
): unknown[] {
  const rule = ruleFor(path, kind);
  if (rule === undefined) return [...patch];
  if (rule === 'set') return [...new Set([...target, ...patch])];
  if (patch.some((item) => isJsonObject(item) && item['$patch'] === 'replace')) {
    return patch.filter((item) => !(isJsonObject(item) && item['$patch'] === 'replace'));
  }
  const merged = [...target];
  for (const item of patch) {
    if (!isJsonObject(item)) continue;
    const at = merged.findIndex((one) => isJsonObject(one) && one[rule.key] === item[rule.key]);
    const current = merged[at];
    if (item['$patch'] === 'delete') {
      if (at >= 0) merged.splice(at, 1);
    } else if (isJsonObject(current)) merged[at] = mergeObjects(current, item, path, kind);
    else merged.push(mergeObjects({}, item, path, kind));
  }
  return merged;
}

/** Items that the patch orders come in its order; others keep their place after the one they followed. */
function inOrder(
  list: readonly unknown[],
  order: readonly unknown[],
  path: readonly string[],
  kind: string,
): unknown[] {
  const rule = ruleFor(path, kind);
  const identity = (item: unknown): unknown => (rule !== 'set' && rule && isJsonObject(item) ? item[rule.key] : item);
  const rank = new Map(order.map((item, i) => [identity(item), i]));
  let last = -1;
  return list
    .map((item, i) => {
      last = rank.get(identity(item)) ?? last;
      return { item, rank: rank.get(identity(item)) ?? last + 0.5, i };
    })
    .sort((a, b) => a.rank - b.rank || a.i - b.i)
    .map(({ item }) => item);
}
