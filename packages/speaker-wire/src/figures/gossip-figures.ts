import type { Memberlist } from '@steelyard/memberlist/node';
import type { WireFigures } from './layout.ts';

type GossipFigures = Pick<WireFigures, Extract<keyof WireFigures, `gossip${string}`>>;

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, one) => total + one, 0);

/** Zeros where there is no gossip. */
export function gossipFigures(memberlist: Memberlist | undefined): GossipFigures {
  const statistics = memberlist?.statistics();
  const suspects = memberlist?.members().filter(({ status }) => status === 'suspect').length ?? 0;
  const living = statistics?.membersLiving ?? 0;
  return {
    gossipMembersAlive: living - suspects,
    gossipMembersSuspect: suspects,
    gossipMembersDead: (statistics?.membersKnown ?? 0) - living,
    gossipPacketsReceived: statistics?.packetsReceived ?? 0,
    gossipPacketsSent: statistics?.packetsSent ?? 0,
    gossipOctetsReceived: statistics?.octetsReceived ?? 0,
    gossipOctetsSent: statistics?.octetsSent ?? 0,
    gossipPacketsRefused: sum(Object.values(statistics?.packetsRefused ?? {})),
  };
}
