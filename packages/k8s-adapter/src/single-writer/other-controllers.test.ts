import { expect, test } from 'vitest';
import { controllerSelectors, repositoryOf } from './other-controllers.ts';

test.for<[image: string, repository: string]>([
  ['quay.io/metallb/controller:v0.16.1', 'quay.io/metallb/controller'],
  ['localhost:5000/steelyard/controller', 'localhost:5000/steelyard/controller'],
  ['localhost:5000/controller:1@sha256:00', 'localhost:5000/controller'],
  ['controller@sha256:00', 'controller'],
  ['', ''],
])('the repository of %j is %j', ([image, repository]) => {
  expect(repositoryOf(image)).toBe(repository);
});

const METALLB = ['app=metallb,component=controller'];
const HELM = ['app.kubernetes.io/name=metallb,app.kubernetes.io/component=controller'];
const pod = (labels: Readonly<Record<string, string>>) => ({
  name: 'me',
  uid: 'u',
  labels,
  image: '',
  terminationGracePeriodSeconds: undefined,
});

test.for<[labels: Readonly<Record<string, string>> | undefined, more: readonly string[]]>([
  [undefined, []],
  [{}, []],
  [{ app: 'metallb', component: 'controller', 'pod-template-hash': 'x' }, []],
  [{ app: 'steelyard', 'pod-template-hash': 'x' }, ['app=steelyard']],
])('controllers beside one that is labelled %o are found', ([labels, more]) => {
  expect(controllerSelectors(labels === undefined ? undefined : pod(labels))).toEqual([...METALLB, ...HELM, ...more]);
});
