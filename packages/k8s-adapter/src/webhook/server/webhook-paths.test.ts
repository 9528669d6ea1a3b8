import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { VALIDATING_WEBHOOK_PATHS } from './webhook-paths.ts';

/** MetalLB `config/webhook/manifests.yaml`: the API server asks there, and about nothing else. */
const METALLBS = new Map([
  ['/validate-metallb-io-v1beta1-bfdprofile', 'CREATE, DELETE'],
  ['/validate-metallb-io-v1beta1-bgpadvertisement', 'CREATE, UPDATE'],
  ['/validate-metallb-io-v1beta1-community', 'CREATE, UPDATE'],
  ['/validate-metallb-io-v1beta1-ipaddresspool', 'CREATE, UPDATE'],
  ['/validate-metallb-io-v1beta1-l2advertisement', 'CREATE, UPDATE'],
  ['/validate-metallb-io-v1beta2-bgppeer', 'CREATE, UPDATE'],
]);

test('what is reviewed is what MetalLB’s webhooks are asked about, and so do our manifests ask', async () => {
  const served = [...VALIDATING_WEBHOOK_PATHS].map(
    ([path, { operations }]) => [path, [...operations].join(', ')] as const,
  );
  expect(new Map(served)).toEqual(METALLBS);
  const manifest = await readFile(new URL('../../../../../deploy/manifests/webhook.yaml', import.meta.url), 'utf8');
  const asked = manifest.matchAll(/ path: (\S+)[\s\S]*? operations: \[(.*?)\]/g);
  expect(new Map(Array.from(asked, ([, path, operations]) => [path, operations]))).toEqual(METALLBS);
});
