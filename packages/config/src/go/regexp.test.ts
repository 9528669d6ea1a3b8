import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGoRegexp } from './regexp.ts';

const matches = (pattern: string, text: string): boolean | string => {
  const parsed = parseGoRegexp(pattern);
  return parsed.ok ? parsed.value.matches(text) : parsed.message;
};

describe('a pattern is RE2', () => {
  test.for<[pattern: string, text: string, found: boolean]>([
    ['^docker.*', 'docker0', true],
    ['^docker.*', 'br-docker0', false],
    ['^veth.*', 'veth12ab', true],
    ['^lo$', 'lo', true],
    ['^lo$', 'lo0', false],
    ['lo', 'flow0', true], // found anywhere, as by MatchString
    ['(?i)ETH', 'eth0', true],
    ['[[:digit:]]+', 'eth0', true],
    ['\\d', 'eth0', true],
    ['\\x65th', 'eth0', true],
    ['^(nodelocaldns|kube-ipvs0)$', 'kube-ipvs0', true],
    ['', 'anything', true],
  ])('%s in %s', ([pattern, text, found]) => {
    expect(matches(pattern, text)).toBe(found);
  });

  test.for<[pattern: string, message: string]>([
    ['(?=eth)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
    ['(a)\\1', 'error parsing regexp: invalid escape sequence: `\\1`'],
    ['(', 'error parsing regexp: missing closing ): `(`'],
    ['*', 'error parsing regexp: missing argument to repetition operator: `*`'],
    ['a**', 'error parsing regexp: invalid nested repetition operator: `**`'],
    ['[z-a]', 'error parsing regexp: invalid character class range: `z-a`'],
    ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
    ['(a{1000}){1000}', 'error parsing regexp: invalid repeat count: `{1000}`'],
  ])('%s is refused in Go’s words', ([pattern, message]) => {
    expect(matches(pattern, 'a')).toBe(message);
  });
});

test('a pattern that would keep a backtracking engine for years is answered at once', () => {
  expect(matches('^(a+)+$', `${'a'.repeat(4000)}b`)).toBe(false);
  expect(matches('(a|aa)+$', `${'a'.repeat(4000)}b`)).toBe(false);
});

test('patterns and programs are bounded', () => {
  expect(matches('x'.repeat(1025), '')).toMatch(/longer than 1024 characters/);
  expect(matches(`${'('.repeat(500)}${')'.repeat(500)}`, '')).toBe(true);
  expect(matches(`(?:${'\\pL'.repeat(300)}){1000}`, '')).toMatch(/^error parsing regexp/);
});

test('any text is a pattern or is refused', () => {
  void fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'ab(){}[]*+?|^$\\.,19:-=<>!P'), maxLength: 30 }),
      fc.string(),
      (pattern, text) => {
        expect(['boolean', 'string']).toContain(typeof matches(pattern, text));
      },
    ),
  );
});
