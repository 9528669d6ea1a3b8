import { expect, test } from 'vitest';
import { conversionTarget, webhookConfigurationTarget } from './ca-bundle-target.ts';

test('every webhook of a configuration has a place, filled in or not', () => {
  const { places } = webhookConfigurationTarget('metallb-webhook-configuration');
  const webhooks = [{ clientConfig: { service: {} } }, { clientConfig: { url: 'https://x', caBundle: 'Zg==' } }];
  expect(places({ webhooks })).toEqual([
    { pointer: '/webhooks/0/clientConfig/caBundle', caBundle: undefined },
    { pointer: '/webhooks/1/clientConfig/caBundle', caBundle: 'Zg==' },
  ]);
});

test('the conversion of a CustomResourceDefinition has one', () => {
  const { places } = conversionTarget('bgppeers.metallb.io');
  const conversion = { strategy: 'Webhook', webhook: { clientConfig: { caBundle: 'Zg==' } } };
  expect(places({ spec: { conversion } })).toEqual([
    { pointer: '/spec/conversion/webhook/clientConfig/caBundle', caBundle: 'Zg==' },
  ]);
  expect(places({ spec: { conversion: { strategy: 'None' } } })).toEqual([]);
});

test.each([{}, { webhooks: 7, spec: null }, { webhooks: [null, 7, { clientConfig: 'x' }], spec: { conversion: [] } }])(
  'no place is found in %j',
  (object) => {
    expect(webhookConfigurationTarget('x').places(object)).toEqual([]);
    expect(conversionTarget('x').places(object)).toEqual([]);
  },
);
