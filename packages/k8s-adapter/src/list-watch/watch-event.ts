import { parseExact } from '../client/exact-json.ts';

/** One line of a watch, as far as it can be understood. */
export type WatchEvent =
  | {
      readonly type: 'upsert' | 'delete';
      readonly object: Readonly<Record<string, unknown>>;
      readonly resourceVersion: string;
    }
  | { readonly type: 'bookmark'; readonly resourceVersion: string }
  /** The server ended the watch: 410 means that the resource version is too old to go on from. */
  | { readonly type: 'error'; readonly httpStatus: number; readonly message: string }
  | { readonly type: 'garbage'; readonly message: string };

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** `metadata` of an object from outside, or undefined if it has none. */
export function metadataOf(object: unknown): Readonly<Record<string, unknown>> | undefined {
  return asRecord(asRecord(object)?.['metadata']);
}

/** Reads `metav1.WatchEvent` (k8s.io/apimachinery, pkg/apis/meta/v1/watch.go). */
export function parseWatchEvent(line: string, exactIntegers = false): WatchEvent {
  let parsed: unknown;
  try {
    parsed = exactIntegers ? parseExact(line) : JSON.parse(line);
  } catch {
    return { type: 'garbage', message: `not JSON: ${JSON.stringify(line.slice(0, 80))}` };
  }
  const event = asRecord(parsed);
  const object = asRecord(event?.['object']);
  if (event === undefined || object === undefined) return { type: 'garbage', message: 'no object in the event' };
  const type = event['type'];
  if (type === 'ERROR') {
    const { code, message } = object;
    return {
      type: 'error',
      httpStatus: typeof code === 'number' ? code : 500,
      message: typeof message === 'string' ? message.slice(0, 512) : 'no message',
    };
  }
  const resourceVersion = metadataOf(object)?.['resourceVersion'];
  if (typeof resourceVersion !== 'string' || resourceVersion === '') {
    return { type: 'garbage', message: 'no resourceVersion in the event' };
  }
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'upsert', object, resourceVersion };
    case 'DELETED':
      return { type: 'delete', object, resourceVersion };
    case 'BOOKMARK':
      return { type: 'bookmark', resourceVersion };
    default:
      return { type: 'garbage', message: `unknown event type ${JSON.stringify(String(type).slice(0, 40))}` };
  }
}
