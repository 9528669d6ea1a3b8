import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { offsetOfPath } from './yaml-path.ts';
import { plainValue, readYamlTree } from './yaml-tree.ts';

const read = (text: string): unknown => {
  const tree = readYamlTree(text);
  return tree.ok ? plainValue(tree.root) : tree.message;
};

describe('a merge key', () => {
  test.for<[name: string, text: string, value: unknown]>([
    ['overrides what comes before', 'a: &a { x: 1 }\nb: { x: 2, <<: *a }', { a: { x: 1 }, b: { x: 1 } }],
    ['is overridden by what comes after', 'a: &a { x: 1 }\nb: { <<: *a, x: 2 }', { a: { x: 1 }, b: { x: 2 } }],
    [
      'gives the first of several the last word',
      'a: &a { x: 1 }\nb: &b { x: 2, z: 2 }\nc: { <<: [*a, *b] }',
      { a: { x: 1 }, b: { x: 2, z: 2 }, c: { x: 1, z: 2 } },
    ],
    ['wants mappings', 'a: { <<: 1 }', 'yaml: line 1: map merge requires map or sequence of maps as the value'],
    ['in quotes is a key', 'a: { "<<": 1 }', { a: { '<<': 1 } }],
  ])('%s', ([, text, value]) => {
    expect(read(text)).toEqual(value);
  });
});

describe('an alias', () => {
  test.for<[name: string, text: string, value: unknown]>([
    ['means the last anchor before it', 'a: &x 1\nb: *x\nc: &x 2\nd: *x', { a: 1, b: 1, c: 2, d: 2 }],
    ['of nothing is an error', 'a: *x', 'yaml: line 1: unknown anchor "x" referenced'],
    ['of what it stands in is an error', 'a: &x [*x]', 'yaml: line 1: anchor "x" value contains itself'],
    [
      'does not register again what it stands for',
      'a: &a [&b 1]\nc: &b 2\nd: *a\ne: *b',
      { a: [1], c: 2, d: [1], e: 2 },
    ],
  ])('%s', ([, text, value]) => {
    expect(read(text)).toEqual(value);
  });

  test('that stands for a billion nodes is an error', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(10)}]`);
    expect(read(`l0: &l0 x\n${levels.join('\n')}\n`)).toMatch(/excessive aliasing/);
  });
});

describe('what Go would take in part', () => {
  test.for<[name: string, text: string, message: string]>([
    ['a key written twice', 'a: 1\nb: 2\n"a": 3\n', 'yaml: line 3: key "a" already set in map'],
    ['two documents', 'a: 1\n---\nb: 2\n', 'yaml: line 2: more than one document'],
    ['a key that is null', '~: 1\n', 'yaml: line 1: a key that is no text'],
    ['a key that is a list', '? [a]\n: b\n', 'yaml: line 1: a key that is no text'],
    ['an int that is none', 'a: !!int x\n', 'yaml: line 1: cannot decode the text as a !!int'],
    ['a control character', 'a: 1\nb: \u0001\n', 'yaml: line 2: control characters are not allowed'],
  ])('%s is an error', ([, text, message]) => {
    expect(read(text)).toBe(message);
  });

  test('an empty document after the one is none', () => {
    expect(read('a: 1\n---\n')).toEqual({ a: 1 });
  });
});

test('an error does not quote the text: there are passwords in it', () => {
  const message = read('peers:\n- password: "secret" secret\n');
  expect(message).toMatch(/^yaml: line 2: /);
  expect(message).not.toContain('secret');
});

test.for<[path: string, position: [line: number, column: number]]>([
  ['address-pools', [2, 1]],
  ['address-pools[0].addresses[1]', [4, 8]],
  ['address-pools[0].missing', [2, 3]],
  ['address-pools[7]', [2, 1]],
  ['labels["a.b"]', [5, 16]],
  ['labels["\\x"]', [5, 9]],
  ['', [1, 1]],
])('%s stands where it stands', ([path, [line, column]]) => {
  const tree = readYamlTree('address-pools:\n- name: a\n  addresses: [1,\n       2]\nlabels: { a.b: c }\n');
  expect(tree.ok && tree.positionOf(offsetOfPath(tree.root, path))).toEqual({ line, column });
});

test('any text is read or refused', () => {
  const piece = fc.constantFrom(
    'a',
    ': ',
    '\n',
    '- ',
    '&x ',
    '*x ',
    '<<',
    '{',
    '}',
    '[',
    ']',
    '!!int ',
    '"',
    "'",
    '|',
    '  ',
    '#',
  );
  void fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const tree = readYamlTree(pieces.join(''));
      expect(tree.ok || tree.message.length > 0).toBe(true);
    }),
  );
});
