import type { Segment } from './pcap.ts';

const HEADER = 19;
const OPEN = 1;
const NOTIFICATION = 3;
const KEEPALIVE = 4;
const END_OF_RIB = 23;
const UPDATE = 2;

/** What went over the wire from the first UPDATE to the last, as segments of the capture. */
export interface WireFigures {
  readonly segments: number;
  readonly octets: number;
  readonly firstToLastMs: number;
}

/** Of the segments of one sender those that carry routes: neither OPEN, KEEPALIVE or NOTIFICATION alone, nor End-of-RIB. */
export function routeSegments(segments: readonly Segment[], source: string): Segment[] {
  return segments.filter((segment) => segment.source === source && carriesRoutes(segment));
}

/**
 * The KEEPALIVE that answers the other's OPEN, in the connection that carried a segment: with it the session begins.
 */
export function sessionBegin(segments: readonly Segment[], { source, sourcePort }: Segment): Segment | undefined {
  return segments.find((segment) => {
    if (segment.source !== source || segment.sourcePort !== sourcePort) return false;
    const first = firstMessage(segment);
    return first?.type === KEEPALIVE || (first?.type === OPEN && segment.payloadOctets > first.length);
  });
}

function carriesRoutes(segment: Segment): boolean {
  const first = firstMessage(segment);
  if (first === undefined) return true; // the middle of a longer message: only UPDATEs have one
  const hasMore = segment.payloadOctets > first.length;
  if (first.type === UPDATE) return first.length > END_OF_RIB || hasMore;
  return first.type !== OPEN && first.type !== NOTIFICATION && hasMore;
}

/** Undefined where a segment does not begin with a message. */
function firstMessage({ payload }: Segment): { readonly type: number; readonly length: number } | undefined {
  if (payload.length < HEADER || !payload.subarray(0, 16).every((octet) => octet === 0xff)) return undefined;
  return { type: payload[18] ?? 0, length: ((payload[16] ?? 0) << 8) | (payload[17] ?? 0) };
}

/** Undefined where nothing was sent. */
export function wireFigures(segments: readonly Segment[]): WireFigures | undefined {
  const [first] = segments;
  const last = segments.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return {
    segments: segments.length,
    octets: segments.reduce((sum, { payloadOctets }) => sum + payloadOctets, 0),
    firstToLastMs: Number(last.atNs - first.atNs) / 1e6,
  };
}

/** An IPv4 prefix in an UPDATE, and when the segment with its message's last octet was captured. */
export interface RouteOnWire {
  readonly atNs: bigint;
  readonly prefix: string;
  readonly what: 'announced' | 'withdrawn';
}

/**
 * The routes of IPv4 that one sender told, in their order: read here, and not by what is measured. Of a connection whose
 * beginning is missing, or which lost a segment, nothing more is told.
 */
export function routesOnWire(segments: readonly Segment[], source: string): RouteOnWire[] {
  const connections = Map.groupBy(
    segments.filter((segment) => segment.source === source),
    ({ sourcePort }) => sourcePort,
  );
  return [...connections.values()].flatMap(routesOfConnection).sort((a, b) => Number(a.atNs - b.atNs));
}

function routesOfConnection(segments: readonly Segment[]): RouteOnWire[] {
  const routes: RouteOnWire[] = [];
  let next = segments[0]?.sequence ?? 0;
  let waiting = new Uint8Array();
  for (const { atNs, sequence, payload } of segments) {
    const known = (next - sequence) | 0; // modulo 2^32
    if (known < 0) return routes;
    const fresh = payload.subarray(known);
    if (fresh.length === 0) continue;
    next = (next + fresh.length) >>> 0;
    waiting = joined(waiting, fresh);
    for (let length = lengthAt(waiting); length !== undefined; length = lengthAt(waiting)) {
      const message = waiting.subarray(0, length);
      waiting = waiting.subarray(length);
      if (message[18] === UPDATE) routes.push(...routesOf(message, atNs));
    }
  }
  return routes;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Of the first message, where it is there as a whole. */
function lengthAt(octets: Uint8Array): number | undefined {
  if (octets.length < HEADER) return undefined;
  const length = ((octets[16] ?? 0) << 8) | (octets[17] ?? 0);
  return length >= HEADER && length <= octets.length ? length : undefined;
}

/** RFC 4271, section 4.3: withdrawn routes, path attributes, NLRI. */
function routesOf(message: Uint8Array, atNs: bigint): RouteOnWire[] {
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const withdrawnEnd = HEADER + 2 + view.getUint16(HEADER);
  const attributesEnd = withdrawnEnd + 2 + view.getUint16(withdrawnEnd);
  const told = (from: number, to: number, what: RouteOnWire['what']): RouteOnWire[] =>
    prefixesIn(message.subarray(from, to)).map((prefix) => ({ atNs, prefix, what }));
  return [...told(HEADER + 2, withdrawnEnd, 'withdrawn'), ...told(attributesEnd, message.length, 'announced')];
}

function prefixesIn(octets: Uint8Array): string[] {
  const prefixes: string[] = [];
  for (let position = 0; position < octets.length; ) {
    const length = octets[position] ?? 0;
    const end = position + 1 + Math.ceil(length / 8);
    const address = [0, 0, 0, 0].map((_, index) => (position + 1 + index < end ? octets[position + 1 + index] : 0));
    prefixes.push(`${address.join('.')}/${length}`);
    position = end;
  }
  return prefixes;
}
