import type { TextPosition } from '../legacy/text-position.ts';
import { readYamlTree, type YamlNode } from '../legacy/yaml-tree.ts';
import { objectOr } from '../objects/untrusted.ts';
import type { Finding } from '../problem/problem.ts';

/** The key of the ConfigMap's `data` that holds the configuration. */
const DATA_KEY = 'config';

/** The configuration in a ConfigMap, or why there is none. */
export type ConfigMapData =
  | {
      readonly ok: true;
      readonly text: string;
      readonly namespace: string | undefined;
      /** Where a position in the configuration is in the ConfigMap's own text, if that can be told. */
      readonly outerPosition: (inner: TextPosition) => TextPosition | undefined;
    }
  | { readonly ok: false; readonly finding: Finding; readonly position?: TextPosition | undefined };

/**
 * Takes the configuration out of a ConfigMap in YAML or JSON, as `kubectl get -o yaml` writes it.
 *
 * @see MetalLB `configmaptocrs/main.go`, `parseConfigMap`
 */
export function readConfigMapText(text: string): ConfigMapData {
  const tree = readYamlTree(text);
  if (!tree.ok) {
    return {
      ok: false,
      finding: {
        field: '',
        value: undefined,
        code: 'ERR_CONFIG_UNREADABLE',
        message: `could not parse the ConfigMap: ${tree.message}`,
        remedy: 'correct the YAML; it is written by kubectl get configmap config -o yaml',
      },
      position: tree.position,
    };
  }
  const { root, positionOf } = tree;
  const refused = (field: string, node: YamlNode | undefined, message: string, remedy: string): ConfigMapData => ({
    ok: false,
    finding: {
      field,
      value: node?.kind === 'scalar' ? node.text : undefined,
      code: 'ERR_CONFIG_UNREADABLE',
      message,
      remedy,
    },
    position: positionOf((node ?? root).offset),
  });
  const kind = member(root, 'kind');
  const apiVersion = member(root, 'apiVersion');
  for (const [name, node] of [
    ['kind', kind],
    ['apiVersion', apiVersion],
  ] as const) {
    if (node?.kind !== 'scalar' || node.text === '') {
      const remedy = ['address-pools', 'peers'].some((key) => member(root, key) !== undefined)
        ? 'this looks like the data of a ConfigMap, not the ConfigMap: read it with --only-data'
        : 'give the whole ConfigMap, as kubectl get configmap config -o yaml writes it';
      return refused(name, node, `${name} is missing: not a ConfigMap`, remedy);
    }
  }
  if (textOf(kind) !== 'ConfigMap' || textOf(apiVersion) !== 'v1') {
    return refused('kind', kind, 'not a ConfigMap', 'give the ConfigMap alone, of kind ConfigMap and apiVersion v1');
  }
  const namespace = member(member(root, 'metadata'), 'namespace');
  if (namespace !== undefined && textOf(namespace) === undefined) {
    return refused('metadata.namespace', namespace, 'not a text', 'put the namespace in quotes');
  }
  const data = member(root, 'data');
  for (const [key, { node }] of data?.kind === 'map' ? data.entries : []) {
    if (textOf(node) === undefined) {
      return refused(`data.${key.slice(0, 64)}`, node, 'not a text', 'write config: | above the configuration');
    }
  }
  const config = member(data, DATA_KEY);
  const written = textOf(config) ?? '';
  if (config === undefined || written === '') {
    return refused(
      'data',
      data,
      `bad ConfigMap: no data under the key ${DATA_KEY}`,
      `the configuration of MetalLB up to 0.12 stands under data.${DATA_KEY}`,
    );
  }
  const block = config.kind === 'scalar' ? config.block : undefined;
  const start = block && positionOf(block.offset);
  return {
    ok: true,
    text: written,
    namespace: textOf(namespace) || undefined,
    outerPosition: (inner) =>
      start === undefined
        ? undefined
        : { line: start.line + inner.line - 1, column: inner.column + (block?.indent ?? 0) },
  };
}

/** Takes the configuration out of a ConfigMap that the API server gave. */
export function readConfigMapObject(configMap: unknown): ConfigMapData {
  const object = objectOr(configMap);
  const data = objectOr(object['data']);
  const text = Object.hasOwn(data, DATA_KEY) ? data[DATA_KEY] : undefined;
  const namespace = objectOr(object['metadata'])['namespace'];
  if (typeof text !== 'string' || text === '') {
    return {
      ok: false,
      finding: {
        field: 'data',
        value: Object.keys(data),
        code: 'ERR_CONFIG_UNREADABLE',
        message: `bad ConfigMap: no data under the key ${DATA_KEY}`,
        remedy: `the configuration of MetalLB up to 0.12 stands under data.${DATA_KEY}`,
      },
    };
  }
  return {
    ok: true,
    text,
    namespace: typeof namespace === 'string' ? namespace : undefined,
    outerPosition: () => undefined,
  };
}

function member(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.node : undefined;
}

/** A text, or the empty one for null, as in a Go struct. */
function textOf(node: YamlNode | undefined): string | undefined {
  if (node?.kind !== 'scalar') {
    return undefined;
  }
  return typeof node.value === 'string' ? node.value : node.value === null ? '' : undefined;
}
