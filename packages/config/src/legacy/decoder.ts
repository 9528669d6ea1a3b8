import type { Finding } from '../problem/problem.ts';
import { type GoScalar, goScalarText } from './go-scalar.ts';
import { type KeyTree, unknownKey } from './unknown-key.ts';
import type { YamlMap, YamlNode } from './yaml-tree.ts';

/** Takes what is wrong in a document, with where in its text that stands. */
export type Report = (finding: Finding, offset: number) => void;

/** Makes of a value in a document what Go's `json.Unmarshal` makes of it; what is not given is undefined, as is null. */
export interface Decoder<T> {
  read(node: YamlNode, field: string, report: Report): T | undefined;
  /** The keys below it. */
  readonly keys?: KeyTree;
}

/** What a decoder returns. */
export type DecodedBy<D> = D extends Decoder<infer T> ? T : never;

/** A text; numbers and booleans are written out. Null is the empty text. */
export const text: Decoder<string> = textDecoder((value) => value);
/** A text that is nobody's business. */
export const secret: Decoder<string> = textDecoder(() => undefined);

/** `true` or `false`. */
export const boolean: Decoder<boolean> = {
  read: (node, field, report) => {
    const value = node.kind === 'scalar' ? node.value : undefined;
    return value === null ? undefined : typeof value === 'boolean' ? value : refuse(node, 'bool', field, report);
  },
};

/** A whole number that Go's type has room for. */
export function integer(type: string, min: number, max: number): Decoder<number> {
  return {
    read: (node, field, report) => {
      const value = node.kind === 'scalar' ? node.value : undefined;
      if (value === null) {
        return undefined;
      }
      const number = typeof value === 'bigint' ? Number(value) : value;
      return typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max
        ? number
        : refuse(node, type, field, report);
    },
  };
}

/** A list of one thing. */
export function list<T>(item: Decoder<T>): Decoder<readonly (T | undefined)[]> {
  return {
    ...(item.keys === undefined ? {} : { keys: item.keys }),
    read: (node, field, report) => {
      if (node.kind === 'list') {
        return node.items.map((each, i) => item.read(each, `${field}[${i}]`, report));
      }
      return isNull(node) ? undefined : refuse(node, 'list', field, report);
    },
  };
}

/** A mapping of texts to texts. */
export const texts: Decoder<ReadonlyMap<string, string>> = {
  read: (node, field, report) => {
    if (node.kind === 'map') {
      const entries = [...node.entries].map(([key, entry]): [string, string] => [
        key,
        text.read(entry.node, `${field}[${JSON.stringify(key.slice(0, 64))}]`, report) ?? '',
      ]);
      return new Map(entries);
    }
    return isNull(node) ? undefined : refuse(node, 'mapping of texts', field, report);
  },
};

/** A mapping with keys that are known. As to Go's decoder, their case does not matter. */
export function fields<const F extends Readonly<Record<string, Decoder<unknown>>>>(
  known: F,
): Decoder<{ readonly [K in keyof F]?: DecodedBy<F[K]> | undefined }> {
  const keys: KeyTree = Object.fromEntries(Object.entries(known).map(([key, decoder]) => [key, decoder.keys]));
  return {
    keys,
    read: (node, field, report) => {
      if (node.kind !== 'map') {
        return isNull(node) ? {} : refuse(node, 'mapping', field, report);
      }
      const values: Record<string, unknown> = {};
      for (const [key, entry] of knownEntries(node, keys, field, report)) {
        values[key] = known[key]?.read(entry.node, field === '' ? key : `${field}.${key}`, report);
      }
      return values as { readonly [K in keyof F]?: DecodedBy<F[K]> | undefined };
    },
  };
}

function knownEntries(node: YamlMap, keys: KeyTree, field: string, report: Report): YamlMap['entries'] {
  const entries = new Map<string, { readonly node: YamlNode; readonly offset: number }>();
  for (const [written, entry] of node.entries) {
    const key = written.toLowerCase();
    const at = field === '' ? written : `${field}.${written}`;
    if (!Object.hasOwn(keys, key)) {
      // Without its value: the password of a peer is one if its key is misspelled.
      report(unknownKey(written, at.slice(0, 256), undefined, Object.keys(keys)), entry.offset);
    } else if (entries.has(key)) {
      report(
        {
          field: at,
          value: undefined,
          code: 'ERR_CONFIG_DUPLICATE_DEFINITION',
          message: `key ${JSON.stringify(key)} already set in map, in other letters`,
          remedy: 'keep one of them',
        },
        entry.offset,
      );
    } else {
      entries.set(key, entry);
    }
  }
  return entries;
}

function textDecoder(shown: (value: unknown) => unknown): Decoder<string> {
  return {
    read: (node, field, report) => {
      if (node.kind !== 'scalar') {
        return refuse(node, 'string', field, report, shown);
      }
      const { value } = node;
      const read = goScalarText(value);
      if (read !== undefined && read !== node.text && typeof value !== 'string') {
        report(
          {
            severity: 'warning',
            field,
            value: shown(node.text),
            code: 'ERR_CONFIG_WRONG_TYPE',
            message:
              shown(read) === undefined
                ? `YAML reads this as a ${typeName(value)}, and its text changes`
                : `YAML reads this as the ${typeName(value)} ${read}`,
            remedy: 'put it in quotes if the text is meant as it is written',
          },
          node.offset,
        );
      }
      return read;
    },
  };
}

function isNull(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}

function refuse(
  node: YamlNode,
  type: string,
  field: string,
  report: Report,
  shown: (value: unknown) => unknown = (value) => value,
): undefined {
  const value = shown(node.kind === 'scalar' ? node.text : undefined);
  const found = node.kind === 'scalar' ? typeName(node.value) : node.kind === 'map' ? 'mapping' : 'list';
  report(
    {
      field,
      value,
      code: 'ERR_CONFIG_WRONG_TYPE',
      message: `cannot unmarshal ${found}${found === 'number' ? ` ${String(value).slice(0, 64)}` : ''} into ${type}`,
      remedy: `write ${WANTED.get(type) ?? `a ${type}`}`,
    },
    node.offset,
  );
  return undefined;
}

/** What to write, where the type's name does not say so. */
const WANTED: ReadonlyMap<string, string> = new Map([
  ['bool', 'true or false, without quotes'],
  ['string', 'one text'],
  ['uint16', 'a number from 0 to 65535, without quotes'],
  ['uint32', 'a number from 0 to 4294967295, without quotes'],
  ['int32', 'a number, without quotes'],
]);

function typeName(value: GoScalar): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'object':
      return 'null';
    default:
      return 'number';
  }
}
