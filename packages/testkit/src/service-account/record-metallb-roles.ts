/**
 * Writes what MetalLB's own manifests allow, one right a line, to `recorded/`:
 *
 *     node --conditions=@steelyard/source record-metallb-roles.ts v0.16.1 FOLDER_OF_ITS_SOURCE
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { permissionLines, type RbacObject } from './rbac-objects.ts';

const [, , version = '', folder = ''] = process.argv;
if (!/^v\d+\.\d+\.\d+$/.test(version)) throw new TypeError('say which version of MetalLB, for example v0.16.1');
const objects = parseAllDocuments(readFileSync(join(folder, 'config/rbac/role.yaml'), 'utf8')).map(
  (document) => document.toJS() as RbacObject,
);
const head = `# The rights in config/rbac/role.yaml of MetalLB ${version}, written by record-metallb-roles.ts.`;
writeFileSync(
  new URL('./recorded/metallb-roles.txt', import.meta.url),
  `${[head, ...permissionLines(objects)].join('\n')}\n`,
);
