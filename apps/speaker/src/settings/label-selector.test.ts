import { expect, test } from 'vitest';
import { isLabelSelector } from './label-selector.ts';

test.for([
  'app=metallb,component=speaker',
  'app.kubernetes.io/name=metallb,app.kubernetes.io/component=speaker',
  'app == metallb, component != controller',
  'app in (metallb, steelyard),component',
  '!canary',
  'component notin (controller)',
  'a=',
])('%j selects', (text) => {
  expect(isLabelSelector(text)).toBe(true);
});

test.for([
  '',
  ',',
  'app=metallb,',
  'app metallb',
  '=a',
  'a=b=c',
  'a in metallb',
  'app=métallb',
  '-a=b',
  'a/b/c=d',
  `a=${'b'.repeat(64)}`,
])('%j does not', (text) => {
  expect(isLabelSelector(text)).toBe(false);
});

test('no text takes long', () => {
  for (const text of [
    'a'.repeat(100_000),
    ' '.repeat(4_000),
    `a in (${','.repeat(4_000)}`,
    `${'a'.repeat(60)} ,`.repeat(60),
    'a=,'.repeat(1_300),
  ]) {
    expect(isLabelSelector(text)).toBe(false);
  }
});
