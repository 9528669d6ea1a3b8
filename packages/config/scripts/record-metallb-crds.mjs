// Records the structure of MetalLB's own CRDs, against which ours are tested: all but descriptions, with the conversion
// that its kustomization patches in. To record anew, from a checkout of github.com/metallb/metallb:
//   node packages/config/scripts/record-metallb-crds.mjs <checkout>/config/crd v0.16.1
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const [folder, version] = process.argv.slice(2);
if (folder === undefined || version === undefined) {
  console.error('usage: record-metallb-crds.mjs <config/crd of MetalLB> <its version>');
  process.exit(2);
}
const file = resolve(dirname(fileURLToPath(import.meta.url)), '../test/fixtures/metallb-crds.jsonl');
const read = (path) => parse(readFileSync(join(folder, path), 'utf8'));

const patches = read('kustomization.yaml').patches.map(({ path }) => read(path));
const definitions = readdirSync(join(folder, 'bases'))
  .sort()
  .map((name) => read(join('bases', name)))
  .map(({ apiVersion, kind, metadata: { name }, spec }) => {
    const patch = patches.find((candidate) => candidate.metadata.name === name);
    return { apiVersion, kind, metadata: { name }, spec: { ...withoutDescriptions(spec), ...patch?.spec } };
  });

const about = `Structure of the CRDs of MetalLB ${version} (config/crd, Apache License 2.0), without descriptions. Recorded by packages/config/scripts/record-metallb-crds.mjs, which says how.`;
writeFileSync(file, [{ about }, ...definitions].map((line) => `${JSON.stringify(line)}\n`).join(''));

function withoutDescriptions(spec) {
  return {
    ...spec,
    versions: spec.versions.map((version) => ({
      ...version,
      schema: { openAPIV3Schema: structure(version.schema.openAPIV3Schema) },
    })),
  };
}

/** A field may be called "description", too: only that of a schema goes. */
function structure({ description: _, items, properties, additionalProperties, ...schema }) {
  return {
    ...schema,
    ...(items && { items: structure(items) }),
    ...(additionalProperties && { additionalProperties: structure(additionalProperties) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, structure(part)])),
    }),
  };
}
