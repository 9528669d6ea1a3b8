import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { resolveGoScalar } from '../legacy/go-scalar.ts';
import { formatGoYaml } from './go-yaml/format.ts';
import { formatMigration, type MigrationProblem, migrateLegacyConfigMap } from './migrate.ts';

// What MetalLB's own converter says of some 400 inputs is in test/configmaptocrs.test.ts.

const data = (text: string) => migrateLegacyConfigMap({ kind: 'dataText', text });
const GOOD = 'address-pools:\n- { name: pool, protocol: layer2, addresses: [192.0.2.0/28] }\n';
const WRONG = GOOD.replace('192.0.2.0/28', '192.0.2.0/28, 192.0.2.99');

describe('a problem says where it is', () => {
  const place = ({ field, position }: MigrationProblem): unknown => [field, position?.line, position?.column];
  const configMap = (config: string): string => `apiVersion: v1\nkind: ConfigMap\ndata:\n  config: ${config}`;

  test('in the data', () => {
    expect(data(WRONG).problems.map(place)).toEqual([['address-pools[0].addresses[1]', 2, 61]]);
  });

  test('in the ConfigMap that the data is a block of', () => {
    const text = configMap(`|\n    # a comment\n${WRONG.replaceAll(/^/gm, '    ')}`);
    const { problems } = migrateLegacyConfigMap({ kind: 'configMapText', text });
    expect(problems.map(place)).toEqual([['address-pools[0].addresses[1]', 7, 65]]);
  });

  test('and nowhere where the lines of the data are no lines of the file', () => {
    const { problems } = migrateLegacyConfigMap({ kind: 'configMapText', text: configMap(JSON.stringify(WRONG)) });
    expect(problems.map(place)).toEqual([['address-pools[0].addresses[1]', undefined, undefined]]);
  });

  test.for<[name: string, text: string, field: string]>([
    ['a peer', 'peers:\n- { my-asn: 1, peer-asn: 2, peer-address: x }\n', 'peers[0].peer-address'],
    ['a profile', 'bfd-profiles:\n- { name: aa, echo-interval: 1 }\n', 'bfd-profiles[0].echo-interval'],
    ['a community', 'bgp-communities: { b: 1:2, a.b: x }\n', 'bgp-communities["a.b"]'],
    [
      'an advertisement',
      GOOD.replace('layer2', 'bgp, bgp-advertisements: [{}, { aggregation-length: 4 }]'),
      'address-pools[0].bgp-advertisements[1].aggregation-length',
    ],
  ])('by the words of the old format: %s', ([, text, field]) => {
    expect(data(text).problems.filter(({ severity }) => severity === 'error')).toMatchObject([{ field }]);
  });
});

describe('a password is not told', () => {
  test.for<[name: string, text: string]>([
    ['misspelled', 'peers:\n- { pasword: hidden }\n'],
    ['not a text', 'peers:\n- { password: [hidden] }\n'],
    ['read as a number', 'peers:\n- { my-asn: 1, peer-asn: 2, peer-address: 192.0.2.1, password: 0777777 }\n'],
    ['in a document that is no YAML', 'peers:\n- password: "hidden" hidden\n'],
    ['in another ConfigMap', 'apiVersion: v1\nkind: Secret\ndata: { password: hidden }\n'],
  ])('%s', ([, text]) => {
    for (const kind of ['dataText', 'configMapText'] as const) {
      const { problems } = migrateLegacyConfigMap({ kind, text });
      expect(problems).not.toEqual([]);
      expect(JSON.stringify(problems)).not.toMatch(/hidden|777|262143/);
    }
  });
});

describe('warnings leave the objects as they are', () => {
  test.for<[name: string, text: string, message: RegExp]>([
    ['a protocol that announces nothing', GOOD.replace('layer2', 'l2'), /unknown protocol "l2": the pool gets no adv/],
    ['a pool that is renamed', GOOD.replace('name: pool', 'name: My_Pool'), /name from: My_Pool to: my-pool/],
    ['a name that YAML reads as a boolean', GOOD.replace('name: pool', 'name: yes'), /the boolean true/],
    ['a key that nobody reads', `${GOOD}colours: [red]\n`, /field colours not found/],
    ['nothing', '', /there are no pools/],
    ['both kinds of announcement', GOOD.replace('layer2', 'layer2, bgp-advertisements: [{}]'), /announced by both/],
  ])('%s', ([, text, message]) => {
    const { objects, problems } = data(text);
    expect(problems.map((problem) => problem.severity)).not.toContain('error');
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message);
    expect(objects.length > 0).toBe(text !== '');
  });

  test('what is not served is not spoken of: the objects will say so', () => {
    const peer = '- { my-asn: 1, peer-asn: 2, peer-address: 192.0.2.1, bfd-profile: fast }\n';
    expect(data(`peers:\n${peer}bfd-profiles:\n- { name: fast }\n`).problems).toEqual([]);
  });
});

test('the namespace is that which is asked for, else the one of the ConfigMap, else metallb-system', () => {
  const namespaceOf = (metadata: object, namespace?: string): unknown =>
    migrateLegacyConfigMap({ kind: 'configMap', configMap: { metadata, data: { config: GOOD } } }, { namespace })
      .objects[0]?.metadata.namespace;
  expect(namespaceOf({ namespace: 'lb' }, 'other')).toBe('other');
  expect(namespaceOf({ namespace: 'lb' })).toBe('lb');
  expect(namespaceOf({})).toBe('metallb-system');
});

test.for<[name: string, configMap: unknown]>([
  ['null', null],
  ['no data', { metadata: {} }],
  ['data that is no text', { data: { config: { 'address-pools': [] } } }],
  ['a list', []],
  ['inherited data', { data: Object.create({ config: GOOD }) }],
])('%s instead of a ConfigMap is an error', ([, configMap]) => {
  const { objects, problems } = migrateLegacyConfigMap({ kind: 'configMap', configMap });
  expect(objects).toEqual([]);
  expect(problems).toMatchObject([{ severity: 'error', code: 'ERR_CONFIG_UNREADABLE' }]);
});

describe('much', () => {
  test('is told in part', () => {
    const { problems } = data(`address-pools:\n${'- { name: a, addresses: 5 }\n'.repeat(2000)}`);
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)?.message).toMatch(/^\d+ more problems$/);
  });

  test('is converted', () => {
    const pools = Array.from(
      { length: 2000 },
      (_, i) => `- { name: pool-${i}, protocol: layer2, addresses: [10.${i >> 8}.${i & 255}.0/24] }\n`,
    );
    expect(data(`address-pools:\n${pools.join('')}`).objects).toHaveLength(4000);
  }, 60_000); // half a second of work, on a machine that may have other things to do
});

test('whatever the text is, there are objects or there is an error', () => {
  const scalar = fc.constantFrom(
    'a',
    '~',
    '1',
    'no',
    '""',
    '[]',
    '{}',
    '192.0.2.0/28',
    'layer2',
    'bgp',
    '3s',
    '64500:1',
    '&x {}',
    '*x',
  );
  const key = fc.constantFrom(
    'name',
    'addresses',
    'protocol',
    'my-asn',
    'hold-time',
    'communities',
    '<<',
    'match-labels',
    'x',
  );
  const map = fc
    .array(fc.tuple(key, scalar), { maxLength: 5 })
    .map((pairs) => `{ ${pairs.map((p) => p.join(': ')).join(', ')} }`);
  const section = fc.tuple(
    fc.constantFrom('peers', 'address-pools', 'bgp-communities', 'bfd-profiles', 'Peers'),
    fc.oneof(
      scalar,
      map,
      fc.array(map, { maxLength: 3 }).map((maps) => `[${maps.join(', ')}]`),
    ),
  );
  void fc.assert(
    fc.property(fc.array(section, { maxLength: 4 }), (sections) => {
      const { objects, problems } = data(sections.map((parts) => `${parts.join(': ')}\n`).join(''));
      const failed = problems.some(({ severity }) => severity === 'error');
      expect(failed ? objects : []).toEqual([]);
      expect(
        parse(
          `[${formatMigration(objects)
            .split('---\n')
            .slice(0, -1)
            .map((text) => JSON.stringify(text))
            .join()}]`,
        ),
      ).toHaveLength(objects.length);
    }),
  );
});

/** What the other library takes for a number though it has no digits or none of YAML 1.1's: `.`, `e1`, `._1`. */
const isNumberToOthersOnly = (text: string): boolean =>
  /^[-+]?([0-9_]*\.?[0-9_]*([eE][-+]?[0-9]+)?|0[xb].*)$/.test(text) && typeof resolveGoScalar(text) === 'string';

test('what is written is read again, by another YAML library, as what it was', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme-ascii' }),
    fc.string({ unit: fc.constantFrom(...': #-\n\t"\'\\|>&*!%@`{}[],?~=<._xX01e:yn é\u0001\u{1f600}') }),
    fc.constantFrom('yes', '0x1', '1:30', '2024-01-01', '~', '.inf', '1e3', '0o7', '---', `${'word '.repeat(60)}end`),
  );
  const text = texts.filter((each) => !isNumberToOthersOnly(each));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, text, fc.boolean(), fc.integer(), tie('list'), tie('map')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    map: fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  }));
  void fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), (written) => {
      expect(parse(formatGoYaml({ written }), { version: '1.1', uniqueKeys: false })).toEqual({ written });
    }),
  );
});
