/** Defaults of pods and of what makes pods (kubernetes pkg/apis/core/v1/defaults.go, pkg/apis/apps/v1/defaults.go). */

import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, objectAt, setDefault, textMapAt, valueAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import { type FieldError, invalidValue, requiredValue } from '../status-error.ts';
import { matchesAllLabels } from '../store/selectors.ts';
import type { Strategy } from './resource-kind.ts';

export const podStrategy: Strategy = {
  setDefaults: (pod) => setPodSpecDefaults(objectIn(pod, 'spec')),
  prepareForCreate: (pod) => {
    pod['status'] = { phase: 'Pending', qosClass: 'BestEffort' };
    admitPodSpec(objectIn(pod, 'spec'));
  },
  validate: (pod) => containerErrors(objectAt(pod, 'spec'), 'spec'),
};

export const deploymentStrategy: Strategy = {
  setDefaults: (deployment) => {
    const spec = objectIn(deployment, 'spec');
    setDefault(spec, 'replicas', 1);
    setDefault(spec, 'revisionHistoryLimit', 10);
    setDefault(spec, 'progressDeadlineSeconds', 600);
    const strategy = objectIn(spec, 'strategy');
    setDefault(strategy, 'type', 'RollingUpdate');
    if (strategy['type'] === 'RollingUpdate') {
      const rollingUpdate = objectIn(strategy, 'rollingUpdate');
      setDefault(rollingUpdate, 'maxSurge', '25%');
      setDefault(rollingUpdate, 'maxUnavailable', '25%');
    }
    setTemplateDefaults(spec);
  },
  prepareForCreate: clearStatus,
  validate: workloadErrors,
};

export const replicaSetStrategy: Strategy = {
  setDefaults: (replicaSet) => {
    const spec = objectIn(replicaSet, 'spec');
    setDefault(spec, 'replicas', 1);
    setTemplateDefaults(spec);
  },
  prepareForCreate: (replicaSet) => {
    replicaSet['status'] = { replicas: 0 };
  },
  validate: workloadErrors,
};

/** What the admission plugins ServiceAccount, Priority and DefaultTolerationSeconds add. */
function admitPodSpec(spec: JsonObject): void {
  setDefault(spec, 'enableServiceLinks', true);
  setDefault(spec, 'serviceAccountName', 'default');
  setDefault(spec, 'serviceAccount', spec['serviceAccountName']);
  setDefault(spec, 'priority', 0);
  setDefault(spec, 'preemptionPolicy', 'PreemptLowerPriority');
  const tolerations = Array.isArray(spec['tolerations']) ? spec['tolerations'] : [];
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) => !tolerations.some((one) => isJsonObject(one) && one['key'] === key),
  );
  const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }));
  spec['tolerations'] = [...tolerations, ...added];
}

function clearStatus(object: KubeObject): void {
  object['status'] = {};
}

/** The object under a key, made where there is none. */
function objectIn(parent: JsonObject, key: string): JsonObject {
  const value = parent[key];
  if (isJsonObject(value)) return value;
  const made: JsonObject = {};
  parent[key] = made;
  return made;
}

function setTemplateDefaults(spec: JsonObject): void {
  setPodSpecDefaults(objectIn(objectIn(spec, 'template'), 'spec'));
}

function setPodSpecDefaults(spec: JsonObject): void {
  setDefault(spec, 'restartPolicy', 'Always');
  setDefault(spec, 'terminationGracePeriodSeconds', 30);
  setDefault(spec, 'dnsPolicy', 'ClusterFirst');
  setDefault(spec, 'schedulerName', 'default-scheduler');
  setDefault(spec, 'securityContext', {});
  const containers = Array.isArray(spec['containers']) ? spec['containers'] : [];
  for (const container of containers.filter(isJsonObject)) {
    setDefault(container, 'terminationMessagePath', '/dev/termination-log');
    setDefault(container, 'terminationMessagePolicy', 'File');
    setDefault(container, 'resources', {});
    const image = String(container['image'] ?? '');
    const isLatest = !/:[^/]+$/.test(image) || image.endsWith(':latest');
    setDefault(container, 'imagePullPolicy', isLatest ? 'Always' : 'IfNotPresent');
    const ports = Array.isArray(container['ports']) ? container['ports'] : [];
    for (const port of ports.filter(isJsonObject)) setDefault(port, 'protocol', 'TCP');
  }
}

function containerErrors(spec: JsonObject, field: string): FieldError[] {
  const containers = spec['containers'];
  return Array.isArray(containers) && containers.length > 0 ? [] : [requiredValue(`${field}.containers`)];
}

function workloadErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const selector = textMapAt(object, 'spec', 'selector', 'matchLabels');
  const labels = textMapAt(object, 'spec', 'template', 'metadata', 'labels');
  const errors: FieldError[] = [];
  if (valueAt(object, 'spec', 'selector') === undefined) errors.push(requiredValue('spec.selector'));
  else if (Object.keys(selector).length === 0) {
    errors.push(invalidValue('spec.selector', {}, 'empty selector is invalid for deployment'));
  }
  if (Object.keys(selector).length > 0 && !matchesAllLabels(selector, labels)) {
    const why = '`selector` does not match template `labels`';
    errors.push(invalidValue('spec.template.metadata.labels', labels, why));
  }
  if (old && !isDeepStrictEqual(objectAt(old, 'spec', 'selector'), objectAt(object, 'spec', 'selector'))) {
    errors.push(invalidValue('spec.selector', objectAt(object, 'spec', 'selector'), 'field is immutable'));
  }
  return [...errors, ...containerErrors(objectAt(object, 'spec', 'template', 'spec'), 'spec.template.spec')];
}
