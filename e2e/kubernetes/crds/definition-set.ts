/** The CRDs of a cluster: ours, or those of MetalLB as they were recorded, one in the place of the other. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApiClient, ControlPlane } from '@steelyard/testkit';
import { waitUntil } from '@steelyard/testkit';
import { parse } from 'yaml';
import { CRDS } from '../cluster/roles.ts';
import type { Schema } from './schema-cases.ts';

export interface Definition {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string };
  readonly spec: {
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly DefinitionVersion[];
    readonly conversion?: Conversion;
  };
}
export interface DefinitionVersion {
  readonly name: 'v1beta1' | 'v1beta2';
  readonly schema: { readonly openAPIV3Schema: Schema };
}
interface Conversion {
  readonly strategy: string;
  readonly webhook?: { readonly clientConfig: object };
}

const recorded = fileURLToPath(new URL('../../../packages/config/test/fixtures/metallb-crds.jsonl', import.meta.url));

/** Those of MetalLB's group; the others are nobody else's. */
export const ours: readonly Definition[] = readdirSync(CRDS)
  .filter((file) => /^metallb\.io_.*\.yaml$/.test(file))
  .sort()
  .map((file) => parse(readFileSync(join(CRDS, file), 'utf8')));

/** The first line says where they are from. */
export const metallb: readonly Definition[] = readFileSync(recorded, 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => JSON.parse(line));

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** What whoever makes the certificate does to the CRD. */
export function trusting(definition: Definition, caBundle: string): Definition {
  const { conversion } = definition.spec;
  if (conversion?.webhook === undefined) return definition;
  const clientConfig = { ...conversion.webhook.clientConfig, caBundle };
  return {
    ...definition,
    spec: { ...definition.spec, conversion: { ...conversion, webhook: { ...conversion.webhook, clientConfig } } },
  };
}

/** Installs a set; where there is another one already, in its place, so that all objects stay. */
export async function install(
  { client, controlPlane }: { readonly client: ApiClient; readonly controlPlane: ControlPlane },
  definitions: readonly Definition[],
): Promise<void> {
  const { items } = (await client.get(DEFINITIONS)) as { readonly items: readonly Definition[] };
  const installed = new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
  for (const definition of definitions) {
    const { name } = definition.metadata;
    if (installed.has(name)) {
      const metadata = { name, resourceVersion: installed.get(name) };
      await client.update(`${DEFINITIONS}/${name}`, { ...definition, metadata });
    } else {
      await client.create(DEFINITIONS, definition);
    }
  }
  await controlPlane.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  await inForce(client, definitions);
}

/** The API server serves what a CRD says a moment after it was written: until its own description says so, too. */
async function inForce(client: ApiClient, definitions: readonly Definition[]): Promise<void> {
  for (const version of ['v1beta1', 'v1beta2']) {
    const wanted = descriptionsOf(definitions, version);
    await waitUntil(`${version} to be in force`, async () => {
      const openApi = JSON.stringify(await client.get(`/openapi/v3/apis/metallb.io/${version}`).catch(() => ({})));
      return (
        wanted.every(
          ({ plural, text }) => openApi.includes(`/${plural}"`) && (text === '' || openApi.includes(text)),
        ) &&
        (wanted.some(({ text }) => text !== '') || !openApi.includes('all nodes where there is none'))
      );
    });
  }
}

/** MetalLB's were recorded without any. */
function descriptionsOf(
  definitions: readonly Definition[],
  version: string,
): { readonly plural: string; readonly text: string }[] {
  return definitions.flatMap(({ spec }) =>
    spec.versions
      .filter(({ name }) => name === version)
      .map(({ schema }) => ({
        plural: spec.names.plural,
        text: (schema.openAPIV3Schema as { readonly description?: string }).description ?? '',
      })),
  );
}
