/** Events: one storage, two groups that show it. */

import { textAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import type { FieldReader } from '../store/selectors.ts';
import { eventColumns } from './event-columns.ts';
import { eventsConversion } from './events-conversion.ts';
import { defineKind, fieldAt, type ResourceKind } from './resource-kind.ts';

const involved = (field: string): FieldReader => fieldAt('involvedObject', field);

const events: ResourceKind = defineKind({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  allowsCreateOnUpdate: true,
  columns: eventColumns,
  strategy: { setDefaults: setEventDefaults },
  selectableFields: {
    'involvedObject.kind': involved('kind'),
    'involvedObject.namespace': involved('namespace'),
    'involvedObject.name': involved('name'),
    'involvedObject.uid': involved('uid'),
    'involvedObject.apiVersion': involved('apiVersion'),
    'involvedObject.resourceVersion': involved('resourceVersion'),
    'involvedObject.fieldPath': involved('fieldPath'),
    reason: fieldAt('reason'),
    reportingComponent: (event) => textAt(event, 'reportingComponent') || textAt(event, 'source', 'component'),
    source: (event) => textAt(event, 'source', 'component') || textAt(event, 'reportingComponent'),
    type: fieldAt('type'),
  },
});

const newEvents: ResourceKind = {
  ...events,
  group: 'events.k8s.io',
  version: 'v1',
  conversion: eventsConversion,
  selectableFields: {
    ...events.selectableFields,
    'regarding.kind': involved('kind'),
    'regarding.namespace': involved('namespace'),
    'regarding.name': involved('name'),
    'regarding.uid': involved('uid'),
    reportingController: fieldAt('reportingComponent'),
  },
};

export const eventKinds: readonly ResourceKind[] = [events, newEvents];

/** These are there even when they are empty, as Go writes them. */
function setEventDefaults(event: KubeObject): void {
  for (const field of ['firstTimestamp', 'lastTimestamp', 'eventTime']) event[field] ??= null;
  event['source'] ??= {};
  event['reportingComponent'] ??= '';
  event['reportingInstance'] ??= '';
}
