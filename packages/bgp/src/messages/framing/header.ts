import type { BgpDecodeFailure } from '../decode-failure.ts';
import type { SessionContext } from '../session-context.ts';
import {
  HEADER_LENGTH,
  MARKER_LENGTH,
  MAX_EXTENDED_MESSAGE_LENGTH,
  MAX_MESSAGE_LENGTH,
  MESSAGE_TYPE,
  MIN_NOTIFICATION_LENGTH,
} from './limits.ts';

/** Where the Length and the Type are in the header. */
const LENGTH_OFFSET = 16;
const TYPE_OFFSET = 18;

/** Error code 1: RFC 4271, section 4.5. */
const MESSAGE_HEADER_ERROR = 1;

interface LengthBounds {
  readonly name: string;
  readonly min: number;
  readonly max: (extendedMessage: boolean) => number;
}

const standard = (): number => MAX_MESSAGE_LENGTH;
const extendable = (extendedMessage: boolean): number =>
  extendedMessage ? MAX_EXTENDED_MESSAGE_LENGTH : MAX_MESSAGE_LENGTH;

/**
 * RFC 4271, section 6.1, and RFC 8654, section 4: OPEN and KEEPALIVE are never extended.
 *
 * A ROUTE-REFRESH of another length than 23 is an error of its own, RFC 7313, section 5, that wants the whole message as
 * data: so the header lets it through.
 */
const BOUNDS: ReadonlyMap<number, LengthBounds> = new Map([
  [MESSAGE_TYPE.open, { name: 'an OPEN', min: 29, max: standard }],
  [MESSAGE_TYPE.update, { name: 'an UPDATE', min: 23, max: extendable }],
  [MESSAGE_TYPE.notification, { name: 'a NOTIFICATION', min: MIN_NOTIFICATION_LENGTH, max: extendable }],
  [MESSAGE_TYPE.keepalive, { name: 'a KEEPALIVE', min: HEADER_LENGTH, max: (): number => HEADER_LENGTH }],
  [MESSAGE_TYPE.routeRefresh, { name: 'a ROUTE-REFRESH', min: HEADER_LENGTH, max: extendable }],
]);
const ANY: LengthBounds = { name: 'a message', min: HEADER_LENGTH, max: extendable };

/** The Length of a header whose octets are there. */
export function lengthOf(octets: Uint8Array, start: number): number {
  return ((octets[start + LENGTH_OFFSET] ?? 0) << 8) | (octets[start + LENGTH_OFFSET + 1] ?? 0);
}

/** The Type of a header whose octets are there. */
export function typeOf(octets: Uint8Array, start: number): number {
  return octets[start + TYPE_OFFSET] ?? 0;
}

function headerFailure(subcode: number, data: Uint8Array, offset: number, message: string): BgpDecodeFailure {
  return {
    code: 'ERR_BGP_HEADER',
    scope: 'session',
    errorCode: MESSAGE_HEADER_ERROR,
    errorSubcode: subcode,
    data,
    offset,
    message,
  };
}

/** 1/1 Connection Not Synchronized. */
function unsynchronized(position: number): BgpDecodeFailure {
  return headerFailure(
    1,
    new Uint8Array(),
    position,
    'the marker is not all ones: this is not BGP, or octets were lost',
  );
}

/** 1/2 Bad Message Length, with the Length as data. */
export function badLength(octets: Uint8Array, start: number, message: string): BgpDecodeFailure {
  return headerFailure(2, octets.slice(start + LENGTH_OFFSET, start + LENGTH_OFFSET + 2), LENGTH_OFFSET, message);
}

/** 1/3 Bad Message Type, with the Type as data. */
function badType(type: number): BgpDecodeFailure {
  return headerFailure(3, Uint8Array.of(type), TYPE_OFFSET, `no message has the type ${type}`);
}

/**
 * What is wrong with the header at `start`, of which all 19 octets are there: RFC 4271, section 6.1.
 *
 * @returns Undefined where nothing is. Offsets are counted from `start`.
 */
export function faultOfHeader(
  octets: Uint8Array,
  start: number,
  context: Pick<SessionContext, 'extendedMessage'>,
): BgpDecodeFailure | undefined {
  for (let i = 0; i < MARKER_LENGTH; i++) if (octets[start + i] !== 0xff) return unsynchronized(i);
  const length = lengthOf(octets, start);
  const type = typeOf(octets, start);
  const known = BOUNDS.get(type);
  const { name, min, max } = known ?? ANY;
  const most = max(context.extendedMessage);
  if (length < min || length > most) {
    return badLength(
      octets,
      start,
      `${name} has ${min === most ? min : `${min} to ${most}`} octets, its length says ${length}`,
    );
  }
  return known === undefined ? badType(type) : undefined;
}

/**
 * Makes a message of `length` octets with its header, and zeros after it.
 *
 * @throws RangeError when a message cannot be so long.
 */
export function createMessage(type: number, length: number, maxLength: number = MAX_MESSAGE_LENGTH): Uint8Array {
  if (length > maxLength) throw new RangeError(`a message has at most ${maxLength} octets, this one needs ${length}`);
  const octets = new Uint8Array(length);
  octets.fill(0xff, 0, MARKER_LENGTH);
  octets[LENGTH_OFFSET] = length >> 8;
  octets[LENGTH_OFFSET + 1] = length & 0xff;
  octets[TYPE_OFFSET] = type;
  return octets;
}
