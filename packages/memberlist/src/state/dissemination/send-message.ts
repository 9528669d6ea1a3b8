import { formatIpAddress } from '@steelyard/wire';
import { encodeMessage } from '../../messages/encode-message.ts';
import type { Endpoint, PacketMessage } from '../../messages/message.ts';
import { COMPOUND_HEADER_OCTETS, COMPOUND_PART_OCTETS, GREATEST_COMPOUND_PARTS } from '../../packet/compound.ts';
import { CHECKSUM_VERSION, greatestVersion } from '../membership/versions.ts';
import type { Turn } from '../turn.ts';
import { takeBroadcasts } from './broadcast.ts';

/**
 * Sends one message, and with it as much of the gossip as fits into the same packet.
 *
 * The packet has a checksum only where a member is named as the address that it goes to: for these messages the library
 * looks members up by that text, and Kubernetes nodes are hardly ever named so.
 *
 * @see hashicorp/memberlist `net.go`, `sendMsg`, `rawSendMsgPacket`
 */
export function sendMessage(turn: Turn, to: Endpoint, message: PacketMessage): void {
  const { config, state } = turn;
  const octets = encodeMessage(message);
  const others = takeBroadcasts(turn, {
    octets: config.udpBufferSize - octets.length - COMPOUND_HEADER_OCTETS - config.packetOverheadOctets(),
    overheadOctets: COMPOUND_PART_OCTETS,
    messages: GREATEST_COMPOUND_PARTS - 1,
  });
  const namesake = state.members.byName.get(formatIpAddress(to.address))?.member;
  turn.effects.push({
    type: 'sendPacket',
    to: { address: to.address, port: to.port },
    parts: [octets, ...others],
    checksum: namesake !== undefined && greatestVersion(namesake) >= CHECKSUM_VERSION,
  });
}

/** Sends messages as they are, to a member of which it is known what it understands. */
export function sendParts(
  turn: Turn,
  to: Endpoint & { readonly versions: Uint8Array },
  parts: readonly Uint8Array[],
): void {
  turn.effects.push({
    type: 'sendPacket',
    to: { address: to.address, port: to.port },
    parts,
    checksum: greatestVersion(to) >= CHECKSUM_VERSION,
  });
}
