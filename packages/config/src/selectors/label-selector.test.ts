import { describe, expect, test } from 'vitest';
import { matchesLabelSelector, parseLabelSelector } from './label-selector.ts';

describe('a label selector matches', () => {
  const labels = { app: 'web', 'example.com/tier': 'gold', empty: '' };
  const expression = (key: string, operator: string, values?: string[]) => ({
    matchExpressions: [{ key, operator, ...(values && { values }) }],
  });
  test.for<[name: string, selector: unknown, matches: boolean]>([
    ['everything when it is empty', {}, true],
    ['everything when its parts are empty', { matchLabels: {}, matchExpressions: [] }, true],
    ['nothing when it is null', null, false],
    ['a label', { matchLabels: { app: 'web' } }, true],
    ['not another value', { matchLabels: { app: 'db' } }, false],
    ['an empty value', { matchLabels: { empty: '' } }, true],
    ['not a missing label as an empty one', { matchLabels: { missing: '' } }, false],
    ['a key with a prefix', { matchLabels: { 'example.com/tier': 'gold' } }, true],
    ['In', expression('app', 'In', ['db', 'web']), true],
    ['In, label missing', expression('missing', 'In', ['db']), false],
    ['NotIn', expression('app', 'NotIn', ['web']), false],
    ['NotIn, label missing', expression('missing', 'NotIn', ['web']), true],
    ['Exists', expression('empty', 'Exists'), true],
    ['Exists, label missing', expression('missing', 'Exists', []), false],
    ['DoesNotExist', expression('app', 'DoesNotExist'), false],
    ['DoesNotExist, label missing', expression('missing', 'DoesNotExist'), true],
    ['only if all parts do', { matchLabels: { app: 'web' }, ...expression('app', 'NotIn', ['web']) }, false],
    ['no label that every object inherits', expression('constructor', 'Exists'), false],
  ])('%s', ([, selector, matches]) => {
    const parsed = parseLabelSelector(selector);
    expect(parsed.ok && matchesLabelSelector(parsed.value, labels)).toBe(matches);
    expect(parsed.ok && matchesLabelSelector(parsed.value, new Map(Object.entries(labels)))).toBe(matches);
  });

  const long = 'x'.repeat(64);
  test.for<[name: string, selector: unknown, field: string, message: string]>([
    ['no selector', 'app=web', '', 'not a label selector'],
    ['no requirement', { matchExpressions: [7] }, 'matchExpressions[0]', 'not a label selector requirement'],
    [
      'operator',
      expression('a', 'in', ['b']),
      'matchExpressions[0].operator',
      '"in" is not a valid label selector operator',
    ],
    [
      'In without values',
      expression('a', 'In'),
      'matchExpressions[0]',
      "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty",
    ],
    [
      'Exists with values',
      expression('a', 'Exists', ['b']),
      'matchExpressions[0]',
      'values: Invalid value: ["b"]: values set must be empty for exists and does not exist',
    ],
    [
      'key',
      expression('a b', 'Exists'),
      'matchExpressions[0]',
      'key: Invalid value: "a b": name part must consist of alphanumeric characters',
    ],
    [
      'empty key',
      { matchLabels: { '': 'a' } },
      'matchLabels.',
      'key: Invalid value: "": name part must be non-empty; name part must consist of',
    ],
    [
      'empty prefix',
      { matchLabels: { '/a': 'a' } },
      'matchLabels./a',
      'key: Invalid value: "/a": prefix part must be non-empty',
    ],
    [
      'long key',
      expression(long, 'Exists'),
      'matchExpressions[0]',
      `key: Invalid value: "${long}": name part must be no more than 63 characters`,
    ],
    [
      'long value',
      { matchLabels: { a: long } },
      'matchLabels.a',
      `values[0][a]: Invalid value: "${long}": must be no more than 63 characters`,
    ],
    [
      'value of another type',
      { matchLabels: { a: 1 } },
      'matchLabels.a',
      'values[0][a]: Invalid value: 1: must be a string',
    ],
    [
      'several things at once',
      expression('a b', 'In'),
      'matchExpressions[0]',
      "regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'), values: Invalid value: null",
    ],
  ])('is refused: %s', ([, selector, field, message]) => {
    expect(parseLabelSelector(selector)).toMatchObject({
      ok: false,
      failure: { field, message: expect.stringContaining(message) },
    });
  });
});
