import type { BgpDecodeFailure } from '../decode-failure.ts';
import { decodeMessage } from '../decode-message.ts';
import { lengthOf, typeOf } from '../framing/header.ts';
import { HEADER_LENGTH, MARKER_LENGTH, MESSAGE_TYPE } from '../framing/limits.ts';
import { hexadecimal } from '../hexadecimal.ts';
import { ROUTE_REFRESH_SUBTYPE } from '../route-refresh.ts';
import type { SessionContext } from '../session-context.ts';
import { explainNotification } from './explain-notification.ts';
import { explainOpen } from './explain-open.ts';
import { explainUpdate } from './explain-update.ts';
import type { ExplainedField } from './explained-field.ts';
import { createExplanation, type Explanation } from './explanation.ts';
import { afiText, named, safiText } from './registry-names.ts';

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [MESSAGE_TYPE.open]: 'OPEN',
  [MESSAGE_TYPE.update]: 'UPDATE',
  [MESSAGE_TYPE.notification]: 'NOTIFICATION',
  [MESSAGE_TYPE.keepalive]: 'KEEPALIVE',
  [MESSAGE_TYPE.routeRefresh]: 'ROUTE-REFRESH',
};

const SUBTYPE_NAMES: Readonly<Record<number, string>> = {
  [ROUTE_REFRESH_SUBTYPE.request]: 'request',
  [ROUTE_REFRESH_SUBTYPE.beginningOfRouteRefresh]: 'BoRR',
  [ROUTE_REFRESH_SUBTYPE.endOfRouteRefresh]: 'EoRR',
};

function explainHeader(explanation: Explanation): void {
  const { octets } = explanation;
  const marker = octets.subarray(0, MARKER_LENGTH);
  const sound = marker.length === MARKER_LENGTH && marker.every((octet) => octet === 0xff);
  explanation.add(0, marker.length, 0, 'Marker', sound ? 'all ones' : hexadecimal(marker));
  if (octets.length <= MARKER_LENGTH) return;
  explanation.addNumber(MARKER_LENGTH, 2, octets.length, 0, 'Length');
  if (octets.length < HEADER_LENGTH) return;
  explanation.addNumber(HEADER_LENGTH - 1, 1, octets.length, 0, 'Type', (type) => named(type, TYPE_NAMES[type]));
}

/** RFC 7313, section 3.2. */
function explainRouteRefresh(explanation: Explanation, end: number): void {
  explanation.addNumber(HEADER_LENGTH, 2, end, 0, 'AFI', afiText);
  explanation.addNumber(HEADER_LENGTH + 2, 1, end, 0, 'Message Subtype', (subtype) =>
    named(subtype, SUBTYPE_NAMES[subtype]),
  );
  explanation.addNumber(HEADER_LENGTH + 3, 1, end, 0, 'SAFI', safiText);
  explanation.addOctets(HEADER_LENGTH + 4, end, 0, 'Octets behind the message');
}

function explainBody(explanation: Explanation, type: number, end: number, context: SessionContext): void {
  switch (type) {
    case MESSAGE_TYPE.open:
      explainOpen(explanation, end);
      return;
    case MESSAGE_TYPE.update:
      explainUpdate(explanation, end, context);
      return;
    case MESSAGE_TYPE.notification:
      explainNotification(explanation, end);
      return;
    case MESSAGE_TYPE.routeRefresh:
      explainRouteRefresh(explanation, end);
      return;
    default:
      explanation.addOctets(HEADER_LENGTH, end, 0, 'Octets behind the header');
  }
}

/** What the decoder has against the message: one explanation is as good as the one that decides. */
function failuresOf(octets: Uint8Array, context: SessionContext): readonly BgpDecodeFailure[] {
  const result = decodeMessage(octets, context);
  if (!result.ok) return [result.failure];
  return result.value.type === 'update' ? result.value.failures : [];
}

/** The field in which `offset` lies: the one that begins there, rather than the group that it opens; else the innermost. */
function fieldAt(fields: readonly ExplainedField[], offset: number): number {
  const inner = fields.findIndex((field) => field.offset === offset && field.depth > 0);
  if (inner !== -1) return inner;
  return fields.findLastIndex((field) => field.offset <= offset && offset < field.offset + field.length);
}

/** Marks where the failures are. */
function mark(fields: readonly ExplainedField[], failures: readonly BgpDecodeFailure[], end: number): ExplainedField[] {
  const marked = [...fields];
  for (const { offset, message } of failures) {
    const index = fieldAt(marked, offset);
    const field = marked[index];
    if (field === undefined) {
      marked.push({ offset: end, length: 0, depth: 0, name: 'End of the message', value: '', failure: message });
    } else {
      marked[index] = { ...field, failure: field.failure === undefined ? message : `${field.failure}; ${message}` };
    }
  }
  return marked;
}

/**
 * Explains a message octet by octet, for people.
 *
 * The fields of depth 0 follow each other without a gap. Malformed messages are explained as far as their fields can be
 * found, the rest is octets; what `decodeMessage` has against them is at the field where it is.
 *
 * @param octets - One message; of what is behind it only the octets are shown.
 * @param context - What the session has agreed on: an UPDATE cannot be read without.
 * @returns The fields in the order of their octets, an outer one before those inside of it. Never throws.
 */
export function explainMessage(octets: Uint8Array, context: SessionContext): readonly ExplainedField[] {
  const explanation = createExplanation(octets);
  explainHeader(explanation);
  if (octets.length > HEADER_LENGTH) {
    const length = lengthOf(octets, 0);
    const end = length < HEADER_LENGTH ? octets.length : Math.min(length, octets.length);
    explainBody(explanation, typeOf(octets, 0), end, context);
    explanation.addOctets(end, octets.length, 0, 'Octets behind the message');
  }
  return mark(explanation.fields, failuresOf(octets, context), octets.length);
}
