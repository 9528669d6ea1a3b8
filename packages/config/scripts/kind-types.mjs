// Turns the schemas of the kinds into TypeScript interfaces.

/** The text of src/kinds.gen.ts. */
export function kindTypes(definitions, command) {
  const named = new Map();
  const blocks = definitions.flatMap((definition) => [
    ...versionTypes(definition.kind, definition, named, definition.group),
    ...(definition.olderVersions ?? []).flatMap((older) =>
      versionTypes(
        `${definition.kind}${older.version.replace('v', 'V').replace('b', 'B')}`,
        older,
        named,
        definition.group,
      ),
    ),
  ]);
  const metadata = `/** What the kinds need of \`metav1.ObjectMeta\`. */
export interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly uid?: string;
}`;
  return `// Generated from src/schema by ${command}\n\n${[metadata, ...blocks, ...named.values()].join('\n\n')}\n`;
}

/** The interfaces of a kind at one version. */
function versionTypes(name, definition, named, group = 'metallb.io') {
  const spec = `${name}Spec`;
  const status = `${name}Status`;
  const optional = definition.specRequired ? '' : '?';
  return [
    [
      comment(`${definition.description} \`${group}/${definition.version}\`.`, ''),
      `export interface ${name} {`,
      '  readonly apiVersion?: string;\n  readonly kind?: string;\n  readonly metadata: ObjectMetadata;',
      ...(definition.spec ? [`  readonly spec${optional}: ${spec};`] : []),
      `  readonly status?: ${status};`,
      '}',
    ].join('\n'),
    ...(definition.spec ? [interfaceOf(spec, definition.spec, named)] : []),
    interfaceOf(status, definition.status, named),
  ];
}

function interfaceOf(name, schema, named) {
  const properties = Object.entries(schema.properties ?? {});
  const body = properties.map(([key, part]) => {
    const optional = schema.required?.includes(key) ? '' : '?';
    return `${comment(part.description, '  ')}\n  readonly ${key}${optional}: ${typeOf(part, named)};`;
  });
  return properties.length === 0
    ? `${comment(schema.description, '')}\nexport type ${name} = Readonly<Record<string, never>>;`
    : `${comment(schema.description, '')}\nexport interface ${name} {\n${body.join('\n')}\n}`;
}

function typeOf(schema, named) {
  switch (schema.type) {
    case 'array':
      return `readonly ${typeOf(schema.items, named)}[]`;
    case 'integer':
      return 'number';
    case 'object':
      if (schema.additionalProperties) {
        return `Readonly<Record<string, ${typeOf(schema.additionalProperties, named)}>>`;
      }
      if (!named.has(schema.typeName)) {
        named.set(schema.typeName, ''); // keeps its place before the types that it uses
        named.set(schema.typeName, interfaceOf(schema.typeName, schema, named));
      }
      return schema.typeName;
    case 'string':
      return schema.enum?.map((value) => `'${value}'`).join(' | ') ?? 'string';
    case undefined:
      return 'number | string';
    default:
      return schema.type;
  }
}

function comment(text, indent) {
  return `${indent}/** ${text} */`;
}
