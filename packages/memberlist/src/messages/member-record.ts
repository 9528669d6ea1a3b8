import { type Decoded, decoded, failed, IPV4_LENGTH, IPV6_LENGTH } from '@steelyard/wire';
import type { GossipDecodeCode } from './decode-code.ts';
import type { MemberRecord } from './message.ts';

/** `MetaMaxSize` of hashicorp/memberlist `net.go`. */
const GREATEST_META_OCTETS = 512;

/** Characters of a name at most: a longer one fits into no packet beside what else is said of a member. */
const GREATEST_NAME_LENGTH = 1024;

/** Least, greatest and current version, of the protocol and of the delegate. What follows means nothing. */
const VERSIONS_OCTETS = 6;

/** The fields that `alive` and an entry of a push/pull share. */
export interface RecordFields {
  readonly Incarnation: number;
  readonly Addr: Uint8Array;
  readonly Port: number;
  readonly Meta: Uint8Array;
  readonly Vsn: Uint8Array;
}

/** What is kept as long as the member is: bounded, and a copy. Go's library has no such bounds. */
export function memberRecordOf(node: string, fields: RecordFields): Decoded<MemberRecord, GossipDecodeCode> {
  if (!isAddress(fields.Addr)) return refused('Addr', fields.Addr);
  if (fields.Meta.length > GREATEST_META_OCTETS) {
    return failed(
      'ERR_MEMBERLIST_LIMIT_EXCEEDED',
      0,
      `Meta has ${fields.Meta.length} octets, not ${GREATEST_META_OCTETS}`,
    );
  }
  if (node.length > GREATEST_NAME_LENGTH) {
    return failed(
      'ERR_MEMBERLIST_LIMIT_EXCEEDED',
      0,
      `a name of ${node.length} characters, not ${GREATEST_NAME_LENGTH}`,
    );
  }
  return decoded({
    node,
    incarnation: fields.Incarnation,
    address: new Uint8Array(fields.Addr),
    port: fields.Port,
    meta: new Uint8Array(fields.Meta),
    versions: new Uint8Array(fields.Vsn.subarray(0, VERSIONS_OCTETS)),
  });
}

/** Whether a packet could be sent there. */
export function isAddress(octets: Uint8Array): boolean {
  return octets.length === IPV4_LENGTH || octets.length === IPV6_LENGTH;
}

export function refused(field: string, address: Uint8Array): Decoded<never, GossipDecodeCode> {
  return failed('ERR_MEMBERLIST_MALFORMED', 0, `${field} has ${address.length} octets, an address has 4 or 16`);
}
