import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { metalLbRoles, type RbacObject } from '@steelyard/testkit';
import { parseAllDocuments } from 'yaml';

/** MetalLB's rights to the letter, or those of our own manifests. */
export type Roles = 'metallb' | 'own';

/** Our manifests, whose folder is also one of kustomize. */
export const MANIFESTS: string = fileURLToPath(new URL('../../../deploy/manifests', import.meta.url));
export const CRDS: string = fileURLToPath(new URL('../../../deploy/crds', import.meta.url));

const RBAC_FILES = ['rbac-common.yaml', 'rbac-controller.yaml', 'rbac-speaker.yaml'];

/** The objects of one of our manifests. */
export async function manifest<T = RbacObject>(file: string): Promise<readonly T[]> {
  const text = await readFile(`${MANIFESTS}/${file}`, 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as T);
}

/** ServiceAccounts, roles and bindings. */
export async function objectsOf(roles: Roles): Promise<readonly RbacObject[]> {
  return roles === 'metallb' ? metalLbRoles() : (await Promise.all(RBAC_FILES.map((file) => manifest(file)))).flat();
}
