import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { convertReview } from './convert-review.ts';

const path = new URL('../../test/fixtures/metallb-conversions.jsonl', import.meta.url);
const conversions = readFileSync(path, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const peer = (spec: object, apiVersion = 'metallb.io/v1beta1') => ({
  apiVersion,
  kind: 'BGPPeer',
  metadata: { name: 'peer', namespace: 'metallb-system' },
  spec: { myASN: 64500, peerASN: 64501, peerAddress: '192.0.2.1', ...spec },
});
const review = (request: unknown, apiVersion = 'apiextensions.k8s.io/v1') => ({
  apiVersion,
  kind: 'ConversionReview',
  request,
});

describe('in parity it answers as MetalLB does:', () => {
  test.for(conversions)('$name', ({ review: asked, status, answer }) => {
    const { response, ...about } = convertReview(asked, { parity: true });
    if (status !== 200) {
      expect(response.result).toMatchObject({ status: 'Failure', code: status });
      return;
    }
    const { metadata: _, ...result } = answer.response.result;
    expect(about).toEqual({ apiVersion: answer.apiVersion, kind: answer.kind });
    expect(response.uid).toBe(answer.response.uid);
    expect(response.result.status).toBe(result.status);
    expect(response.convertedObjects).toEqual(answer.response.convertedObjects ?? []);
  });
});

test('a peer that cannot be converted fails the review, with its name and the field', () => {
  const asked = review({
    uid: 'a-uid',
    desiredAPIVersion: 'metallb.io/v1beta2',
    objects: [peer({}), peer({ nodeSelectors: [{ matchLabels: { rack: 7 } }] })],
  });
  expect(convertReview(asked)).toEqual({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'ConversionReview',
    response: {
      uid: 'a-uid',
      convertedObjects: [],
      result: {
        status: 'Failure',
        message: expect.stringMatching(/^BGPPeer metallb-system\/peer: spec\.nodeSelectors\[0\]\.matchLabels\.rack: /),
      },
    },
  });
});

test('a timer that cannot be read does not make the list of all peers unreadable', () => {
  const asked = review({ uid: '', desiredAPIVersion: 'metallb.io/v1beta2', objects: [peer({ holdTime: 'soon' })] });
  for (const parity of [false, true]) {
    const { convertedObjects } = convertReview(asked, { parity }).response;
    expect(convertedObjects).toMatchObject([{ spec: { holdTime: 'soon' } }]);
  }
});

test.for([
  ['nothing', undefined],
  ['a text', 'ConversionReview'],
  ['a list', []],
  ['another kind', { ...review({}), kind: 'AdmissionReview' }],
  ['another group', review({}, 'metallb.io/v1')],
  ['no request', review(undefined)],
  ['no list', review({ uid: 'a', objects: {} })],
])('%s is no review: 400', ([, asked]) => {
  expect(convertReview(asked).response).toMatchObject({
    convertedObjects: [],
    result: { status: 'Failure', code: 400, message: expect.any(String) },
  });
});

test('whatever comes as JSON is answered, in a bounded message', () => {
  const anything = fc.jsonValue({ maxDepth: 4 });
  const asked = fc.oneof(
    anything,
    anything.map((value) => review(value)),
    fc
      .record(
        { uid: anything, desiredAPIVersion: anything, objects: fc.array(anything) },
        { requiredKeys: ['objects'] },
      )
      .map((request) => review(request)),
    fc
      .record({
        kind: fc.constant('BGPPeer'),
        apiVersion: fc.constant('metallb.io/v1beta1'),
        metadata: anything,
        spec: anything,
      })
      .map((object) => review({ uid: 'a', desiredAPIVersion: 'metallb.io/v1beta2', objects: [object] })),
  );
  void fc.assert(
    fc.property(asked, fc.boolean(), (value, parity) => {
      const { response } = convertReview(value, { parity });
      expect(typeof response.uid).toBe('string');
      expect(response.result.message?.length ?? 0).toBeLessThanOrEqual(1000);
    }),
  );
});
