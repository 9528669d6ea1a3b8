// Writes what follows from src/schema: deploy/crds/*.yaml and src/kinds.gen.ts. With --check it writes nothing and
// exits 1 if a committed file differs, so that the types, the schemas and the CRDs cannot drift apart.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import {
  API_GROUP,
  customResourceDefinition,
  kindDefinitions,
  steelyardKindDefinitions,
} from '../src/schema/custom-resource-definition.ts';
import { kindTypes } from './kind-types.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const crds = resolve(root, 'deploy/crds');
const command = 'node packages/config/scripts/generate-crds.mjs';
const yaml = { sortMapEntries: true, lineWidth: 120, indentSeq: false, aliasDuplicateObjects: false };

const definitions = [...kindDefinitions, ...steelyardKindDefinitions];
const wanted = new Map(
  definitions.map((definition) => [
    resolve(crds, `${definition.group ?? API_GROUP}_${definition.plural}.yaml`),
    `# Generated from packages/config/src/schema by ${command}\n---\n${stringify(customResourceDefinition(definition), yaml)}`,
  ]),
);
wanted.set(resolve(root, 'packages/config/src/kinds.gen.ts'), kindTypes(definitions, command));

const stale = readdirSync(crds, { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml') && !wanted.has(resolve(crds, entry.name)))
  .map((entry) => `${relative(root, resolve(crds, entry.name))}: no kind is defined for it; delete it`);

if (process.argv.includes('--check')) {
  const different = [...wanted].flatMap(([file, text]) => difference(file, text));
  for (const line of [...stale, ...different]) {
    console.error(line);
  }
  if (stale.length + different.length > 0) {
    console.error(`Run ${command} and commit what it writes.`);
    process.exitCode = 1;
  }
} else {
  for (const [file, text] of wanted) {
    writeFileSync(file, text);
    console.log(relative(root, file));
  }
  for (const line of stale) {
    console.error(line);
  }
}

/** The first line in which a committed file differs from the text that it should have. */
function difference(file, text) {
  let committed;
  try {
    committed = readFileSync(file, 'utf8');
  } catch {
    return [`${relative(root, file)}: missing`];
  }
  if (committed === text) {
    return [];
  }
  const [has, should] = [committed.split('\n'), text.split('\n')];
  const line = should.findIndex((wantedLine, i) => wantedLine !== has[i]);
  const at = line === -1 ? should.length : line;
  return [
    `${relative(root, file)}:${at + 1}: is ${JSON.stringify(has[at] ?? '')}, should be ${JSON.stringify(should[at] ?? '')}`,
  ];
}
