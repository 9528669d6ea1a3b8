import { AS_TRANS } from '../../messages/open/autonomous-system.ts';
import type { SessionContext } from '../../messages/session-context.ts';
import type { UpdateMessage } from '../update-message.ts';
import { type AsPathSegment, isConfederation } from './as-path.ts';
import type { Aggregator, PathAttribute } from './path-attribute.ts';
import { readPathAttribute } from './read-path-attribute.ts';
import { ATTRIBUTE } from './registry.ts';

/** What is read from an UPDATE here. */
type Attributes = Pick<UpdateMessage, 'attributes'>;

function attributeOf<Type extends PathAttribute['type']>(
  { attributes }: Attributes,
  code: number,
  type: Type,
  context: SessionContext,
): Extract<PathAttribute, { type: Type }> | undefined {
  const raw = attributes.find((attribute) => attribute.code === code);
  const read = raw && readPathAttribute(raw, context);
  return read?.type === type ? (read as Extract<PathAttribute, { type: Type }>) : undefined;
}

/** How many AS numbers a segment counts for: RFC 4271, section 9.1.2.2, and RFC 5065, section 5.3. */
function countOf(segment: AsPathSegment): number {
  if (isConfederation(segment)) return 0;
  return segment.type === 'as-set' ? 1 : segment.asns.length;
}

function lengthOf(segments: readonly AsPathSegment[]): number {
  return segments.reduce((sum, segment) => sum + countOf(segment), 0);
}

/** The leading part of a path that counts for `wanted` AS numbers, with the segments of confederations that adjoin it. */
function leadingPart(segments: readonly AsPathSegment[], wanted: number): AsPathSegment[] {
  const taken: AsPathSegment[] = [];
  let left = wanted;
  for (const segment of segments) {
    const count = countOf(segment);
    if (count > left) {
      // Only a sequence can be more than one.
      if (left > 0) taken.push({ type: segment.type, asns: segment.asns.slice(0, left) });
      break;
    }
    taken.push(segment);
    left -= count;
  }
  return taken;
}

/** Puts two sequences that meet into one, as who had four octets would have seen them. */
function joined(leading: readonly AsPathSegment[], rest: readonly AsPathSegment[]): readonly AsPathSegment[] {
  const last = leading.at(-1);
  const first = rest[0];
  if (last?.type !== 'as-sequence' || first?.type !== 'as-sequence') return [...leading, ...rest];
  const sequence: AsPathSegment = { type: 'as-sequence', asns: [...last.asns, ...first.asns] };
  return [...leading.slice(0, -1), sequence, ...rest.slice(1)];
}

/**
 * Whether the AS4_ attributes tell what the others cannot: they are ignored where AGGREGATOR, with AS4_AGGREGATOR beside
 * it, has an AS number of its own.
 */
function trusts4(update: Attributes, context: SessionContext): boolean {
  if (context.fourOctetAsn) return false;
  const aggregator = attributeOf(update, ATTRIBUTE.aggregator, 'aggregator', context);
  const aggregator4 = attributeOf(update, ATTRIBUTE.as4Aggregator, 'as4-aggregator', context);
  return aggregator === undefined || aggregator4 === undefined || aggregator.asn === AS_TRANS;
}

/**
 * The path of an UPDATE: AS_PATH, with AS4_PATH in its place as far as that goes.
 *
 * @param context - That of the session in which it came.
 * @returns The segments, nearest first; undefined where there is no AS_PATH, or none that can be read.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6793#section-4.2.3 | RFC 6793, section 4.2.3}
 */
export function asPathOf(update: Attributes, context: SessionContext): readonly AsPathSegment[] | undefined {
  const path = attributeOf(update, ATTRIBUTE.asPath, 'as-path', context)?.segments;
  if (path === undefined || !trusts4(update, context)) return path;
  const path4 = attributeOf(update, ATTRIBUTE.as4Path, 'as4-path', context)?.segments;
  if (path4 === undefined || path4.length === 0) return path;
  const surplus = lengthOf(path) - lengthOf(path4);
  return surplus < 0 ? path : joined(leadingPart(path, surplus), path4);
}

/**
 * Who aggregated the routes of an UPDATE: AGGREGATOR, or AS4_AGGREGATOR in its place.
 *
 * @param context - That of the session in which it came.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6793#section-4.2.3 | RFC 6793, section 4.2.3}
 */
export function aggregatorOf(update: Attributes, context: SessionContext): Aggregator | undefined {
  const aggregator = attributeOf(update, ATTRIBUTE.aggregator, 'aggregator', context);
  if (aggregator === undefined) return undefined;
  const aggregator4 = trusts4(update, context)
    ? attributeOf(update, ATTRIBUTE.as4Aggregator, 'as4-aggregator', context)
    : undefined;
  const { asn, address } = aggregator4 ?? aggregator;
  return { asn, address };
}
