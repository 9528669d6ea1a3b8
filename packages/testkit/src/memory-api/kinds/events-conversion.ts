/**
 * Events are stored once and served in two forms, v1 and events.k8s.io/v1
 * (kubernetes pkg/apis/events/v1/conversion.go).
 */

import type { KubeObject } from '../kube-object.ts';
import type { Conversion } from './resource-kind.ts';

/** Name in v1, name in events.k8s.io/v1. */
const RENAMED = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
] as const;

export const eventsConversion: Conversion = {
  toStorage: (event) => renamed(event, 'v1', new Map(RENAMED.map(([core, events]) => [events, core]))),
  fromStorage: (event) => {
    const shown = renamed(event, 'events.k8s.io/v1', new Map(RENAMED));
    for (const field of ['reportingController', 'reportingInstance']) {
      if (shown[field] === '') delete shown[field];
    }
    return shown;
  },
};

function renamed(event: KubeObject, apiVersion: string, names: ReadonlyMap<string, string>): KubeObject {
  const fields = Object.entries(event).map(([field, value]) => [names.get(field) ?? field, value] as const);
  return { ...(Object.fromEntries(fields) as KubeObject), apiVersion };
}
