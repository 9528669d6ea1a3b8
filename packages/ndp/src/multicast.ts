import { MAC_ADDRESS_LENGTH } from '@steelyard/wire';

/** ff02::1:ff00:0/104, where the solicited-node groups are: RFC 4291, section 2.7.1. */
const SOLICITED_NODE_PREFIX = Uint8Array.of(0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff);

/** ff02::1: every node of the link. */
export const ALL_NODES: Uint8Array = Uint8Array.of(0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/**
 * The group in which those who do not know an address's MAC ask for it.
 *
 * @param octets - Hold an IPv6 address at `offset`.
 * @returns Sixteen octets.
 * @see {@link https://www.rfc-editor.org/rfc/rfc4291#section-2.7.1 | RFC 4291, section 2.7.1}
 */
export function solicitedNodeGroup(octets: Uint8Array, offset = 0): Uint8Array {
  const group = new Uint8Array(16);
  group.set(SOLICITED_NODE_PREFIX);
  group.set(octets.subarray(offset + 13, offset + 16), 13);
  return group;
}

/** Whether the address at `groupOffset` is the solicited-node group of the one at `targetOffset`. It allocates nothing. */
export function isSolicitedNodeGroupOf(octets: Uint8Array, groupOffset: number, targetOffset: number): boolean {
  for (let i = 0; i < 13; i++) if (octets[groupOffset + i] !== SOLICITED_NODE_PREFIX[i]) return false;
  for (let i = 13; i < 16; i++) if (octets[groupOffset + i] !== octets[targetOffset + i]) return false;
  return true;
}

/**
 * The MAC address to which packets for a group are sent: 33:33 and the group's last four octets.
 *
 * @param group - Sixteen octets.
 * @see {@link https://www.rfc-editor.org/rfc/rfc2464#section-7 | RFC 2464, section 7}
 */
export function multicastMac(group: Uint8Array): Uint8Array {
  const mac = new Uint8Array(MAC_ADDRESS_LENGTH);
  mac[0] = 0x33;
  mac[1] = 0x33;
  mac.set(group.subarray(12, 16), 2);
  return mac;
}
