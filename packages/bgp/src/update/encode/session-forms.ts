import type { AddressFamily } from '../../messages/address-family.ts';
import { MAX_EXTENDED_MESSAGE_LENGTH, MAX_MESSAGE_LENGTH } from '../../messages/framing/limits.ts';
import type { AdvertisementContext, RouteAttributes } from '../route.ts';
import { type NextHop, nextHopOf, nextHopProblem } from './next-hop.ts';
import { MAX_NLRI_OCTETS, type Nlri } from './nlri.ts';
import { writePathAttributes } from './path-attributes.ts';
import {
  classicAnnouncement,
  classicWithdrawal,
  EMPTY_UPDATE_OCTETS,
  MP_UNREACH_OCTETS,
  mpAnnouncement,
  mpReachOctets,
  mpWithdrawal,
} from './update-layout.ts';

/** Attributes below this fit into any message, whatever its next hop and prefix. */
const SMALL_ATTRIBUTES_OCTETS = 3500;

/** What UPDATEs have in common that differ only in their prefixes. */
export interface UpdateForm {
  /** So many octets of NLRI fit in one message. */
  readonly nlriOctets: number;
  /** The message for these prefixes, which must fit. */
  encode(nlris: readonly Nlri[]): Uint8Array;
}

/** How prefixes of one family are told in one session. */
export interface SessionForms {
  /** Why the session cannot carry prefixes with these attributes; undefined where it can. */
  unsendableBecause(attributes: RouteAttributes): string | undefined;
  /** @throws RangeError where `unsendableBecause` has a reason. */
  announcement(attributes: RouteAttributes): UpdateForm;
  readonly withdrawal: UpdateForm;
}

/** The most that attributes can take, but for the next hop, without writing them. */
function upperBoundOctets({ asPath, communities, extendedCommunities, largeCommunities }: RouteAttributes): number {
  const asNumbers = 1 + (asPath?.length ?? 0);
  // Of an AS number AS_PATH and AS4_PATH have 6 octets, of a segment 2 each; all that has a fixed size is below 100.
  return (
    100 +
    6 * asNumbers +
    4 * Math.ceil(asNumbers / 255) +
    4 * (communities?.length ?? 0) +
    8 * (extendedCommunities?.length ?? 0) +
    12 * (largeCommunities?.length ?? 0)
  );
}

function withdrawalForm(family: AddressFamily, limit: number, { extendedNextHop }: AdvertisementContext): UpdateForm {
  const room = limit - EMPTY_UPDATE_OCTETS;
  // Where IPv4 prefixes may go with IPv6 next hops, they come and go in the same attributes.
  if (family === 'ipv4-unicast' && !extendedNextHop) return { nlriOctets: room, encode: classicWithdrawal };
  return { nlriOctets: room - MP_UNREACH_OCTETS, encode: (nlris) => mpWithdrawal(family, nlris) };
}

/**
 * How a session tells prefixes of a family.
 *
 * @throws TypeError or RangeError for a context whose addresses or AS number are none.
 */
export function createSessionForms(family: AddressFamily, context: AdvertisementContext): SessionForms {
  const limit = context.extendedMessage ? MAX_EXTENDED_MESSAGE_LENGTH : MAX_MESSAGE_LENGTH;
  const { localAsn } = context;
  if (!Number.isInteger(localAsn) || localAsn < 1 || localAsn > 0xffff_ffff) {
    throw new RangeError(`no AS number: ${JSON.stringify(localAsn)}`);
  }
  /** Of routes that have no next hop of their own. */
  const ownNextHop = nextHopProblem({}, family, context) === undefined ? nextHopOf({}, family, context) : undefined;

  const nextHopFor = (attributes: RouteAttributes): NextHop =>
    attributes.nextHop === undefined && ownNextHop !== undefined ? ownNextHop : nextHopOf(attributes, family, context);

  const write = (attributes: RouteAttributes, nextHop: NextHop): { octets: readonly number[]; room: number } => {
    const octets = writePathAttributes(attributes, context, nextHop.inMpReach ? undefined : nextHop.octets);
    const around = EMPTY_UPDATE_OCTETS + (nextHop.inMpReach ? mpReachOctets(nextHop.octets) : 0);
    return { octets, room: limit - around - octets.length };
  };

  return {
    unsendableBecause(attributes) {
      if (!context.families.includes(family)) return `the peer does not take ${family}`;
      const problem = nextHopProblem(attributes, family, context);
      if (problem !== undefined || upperBoundOctets(attributes) < SMALL_ATTRIBUTES_OCTETS) return problem;
      const { room } = write(attributes, nextHopFor(attributes));
      if (room >= MAX_NLRI_OCTETS[family]) return undefined;
      return `the path attributes leave no room for a prefix in a message of ${limit} octets`;
    },
    announcement(attributes) {
      const nextHop = nextHopFor(attributes);
      const { octets, room } = write(attributes, nextHop);
      if (room < MAX_NLRI_OCTETS[family]) throw new RangeError('the path attributes leave no room for a prefix');
      return {
        nlriOctets: room,
        encode: nextHop.inMpReach
          ? (nlris) => mpAnnouncement(family, nextHop.octets, octets, nlris)
          : (nlris) => classicAnnouncement(octets, nlris),
      };
    },
    withdrawal: withdrawalForm(family, limit, context),
  };
}
