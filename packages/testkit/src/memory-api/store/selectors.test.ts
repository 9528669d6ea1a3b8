import { describe, expect, test } from 'vitest';
import { fieldAt } from '../kinds/resource-kind.ts';
import type { KubeObject } from '../kube-object.ts';
import { matchesAllLabels, parseFieldSelector, parseLabelSelector } from './selectors.ts';

const object: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'one', labels: { app: 'nginx', tier: 'front' } },
  status: { phase: 'Running' },
};

describe('a label selector', () => {
  test.each([
    ['', true],
    ['app=nginx', true],
    ['app==nginx,tier=front', true],
    ['app = nginx', true],
    ['app!=nginx', false],
    ['missing!=x', true],
    ['app in (apache, nginx),tier', true],
    ['app notin (apache)', true],
    ['missing notin (x)', true],
    ['missing in (x)', false],
    ['!missing', true],
    ['!app', false],
    ['app=', false],
  ])('%s selects: %s', (selector, isSelected) => {
    expect(parseLabelSelector(selector)(object)).toBe(isSelected);
  });

  test.each(['a===b', '=b', 'a in b', 'a,(', ','])('%s is refused', (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow(/unable to parse requirement/);
  });
});

describe('a field selector', () => {
  const fields = { 'metadata.name': fieldAt('metadata', 'name'), 'status.phase': fieldAt('status', 'phase') };

  test.each([
    ['metadata.name=one', true],
    ['metadata.name=one,status.phase!=Failed', true],
    ['status.phase==Pending', false],
  ])('%s selects: %s', (selector, isSelected) => {
    expect(parseFieldSelector(selector, fields)(object)).toBe(isSelected);
  });

  test('names the field that the kind does not offer', () => {
    expect(() => parseFieldSelector('spec.color=red', fields)).toThrow('field label not supported: spec.color');
  });
});

test('a selector without pairs selects no pod', () => {
  expect(matchesAllLabels({}, { app: 'nginx' })).toBe(false);
  expect(matchesAllLabels({ app: 'nginx' }, { app: 'nginx', tier: 'front' })).toBe(true);
});
