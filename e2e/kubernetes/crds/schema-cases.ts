/** For each field of a schema: objects that keep to what it says, and objects that do not. */

/** What of OpenAPI v3 the CRDs use. */
export interface Schema {
  readonly type: string;
  readonly format?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
}

export interface SchemaCase {
  readonly name: string;
  /** The spec or the status. */
  readonly part: unknown;
  /** What the schema says of it; left out where only the API server knows. */
  readonly accepted?: boolean;
}

/** Values that CEL or a pattern wants of some fields, by their name. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  connectTime: '10s',
  lastTransitionTime: '2026-01-02T03:04:05Z',
  reason: 'Reason',
  type: 'Type',
};

const WRONG: Readonly<Record<string, unknown>> = {
  string: 7,
  integer: 'seven',
  boolean: 'true',
  array: 'list',
  object: 'object',
};

/** The cases of a part of a kind: each is an object that is right but for the field that it is about. */
export function schemaCases(part: Schema): SchemaCase[] {
  return [
    { name: 'what is required', part: sample(part, ''), accepted: true },
    { name: 'an unknown field', part: { ...(sample(part, '') as object), nobodyKnows: 1 } },
    ...fieldCases(part, part, []),
  ];
}

function fieldCases(root: Schema, schema: Schema, path: readonly string[]): SchemaCase[] {
  const at = (field: string): string => [...path, field].join('.');
  const below = Object.entries(schema.properties ?? {}).flatMap(([field, property]) => [
    ...valueCases(field, property).map(({ name, value, accepted }) => ({
      name: `${at(field)}: ${name}`,
      part: withValue(root, [...path, field], value),
      ...(accepted !== undefined && { accepted }),
    })),
    ...fieldCases(root, property, [...path, field]),
  ]);
  const missing = (schema.required ?? []).map((field) => ({
    name: `${at(field)}: missing`,
    part: withValue(root, [...path, field], undefined),
    accepted: false,
  }));
  const item = schema.items === undefined ? [] : fieldCases(root, schema.items, [...path, '[]']);
  return [...below, ...missing, ...item];
}

interface ValueCase {
  readonly name: string;
  readonly value: unknown;
  readonly accepted?: boolean;
}

function valueCases(field: string, schema: Schema): ValueCase[] {
  const { minimum, maximum, minLength, maxLength, minItems } = schema;
  const right = sample(schema, field);
  const isInteger = schema.type === 'integer';
  return [
    { name: 'there', value: right, accepted: true },
    { name: 'of another type', value: WRONG[schema.type], accepted: false },
    { name: 'null', value: null },
    ...(isInteger ? [{ name: 'a fraction', value: 10.5, accepted: false }] : []),
    ...(isInteger ? [2 ** 31, -(2 ** 31) - 1, 2 ** 32, 0, -1].map((value) => ({ name: `${value}`, value })) : []),
    ...(minimum === undefined
      ? []
      : [
          { name: 'the least', value: minimum, accepted: true },
          { name: 'less', value: minimum - 1, accepted: false },
        ]),
    ...(maximum === undefined
      ? []
      : [
          { name: 'the most', value: maximum, accepted: true },
          { name: 'more', value: maximum + 1, accepted: false },
        ]),
    ...(schema.enum ?? []).map((value) => ({ name: `the word ${value}`, value, accepted: true })),
    ...(schema.enum === undefined ? [] : [{ name: 'another word', value: 'another', accepted: false }]),
    ...(minLength === undefined ? [] : [{ name: 'too short', value: 'x'.repeat(minLength - 1), accepted: false }]),
    ...(maxLength === undefined
      ? []
      : [
          { name: 'as long as it may be', value: 'x'.repeat(maxLength), accepted: true },
          { name: 'too long', value: 'x'.repeat(maxLength + 1), accepted: false },
        ]),
    ...(schema.pattern === undefined ? [] : [{ name: 'of another pattern', value: '-', accepted: false }]),
    ...(schema.format === 'date-time' ? [{ name: 'no time', value: 'soon', accepted: false }] : []),
    ...(schema.type === 'string' ? [{ name: 'empty', value: '' }] : []),
    ...(schema.type === 'array'
      ? [
          { name: 'empty', value: [], ...(minItems === undefined ? {} : { accepted: false }) },
          { name: 'an item of another type', value: [WRONG[schema.items?.type ?? '']], accepted: false },
          { name: 'twice the same', value: [right, right].flat() },
        ]
      : []),
    ...(schema.additionalProperties === undefined
      ? []
      : [
          { name: 'a value of another type', value: { key: WRONG[schema.additionalProperties.type] }, accepted: false },
        ]),
  ];
}

/** The least that a schema accepts. */
function sample(schema: Schema, field: string): unknown {
  switch (schema.type) {
    case 'object':
      if (schema.additionalProperties !== undefined) return { key: sample(schema.additionalProperties, 'key') };
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, sample(schema.properties?.[name] ?? schema, name)]),
      );
    case 'array':
      return schema.items === undefined ? [] : [sample(schema.items, field)];
    case 'boolean':
      return true;
    case 'integer':
      return Math.max(schema.minimum ?? 1, 1);
    default:
      return SAMPLES[field] ?? schema.enum?.[0] ?? 'text';
  }
}

/** The least that a schema accepts, with a value put somewhere below. */
function withValue(schema: Schema, path: readonly string[], value: unknown): unknown {
  const [field, ...rest] = path;
  if (field === undefined) return value;
  if (field === '[]') return [withValue(schema.items as Schema, rest, value)];
  const inner = withValue(schema.properties?.[field] as Schema, rest, value);
  return { ...(sample(schema, '') as object), [field]: inner };
}
