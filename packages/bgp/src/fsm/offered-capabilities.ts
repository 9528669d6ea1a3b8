import type { Capability } from '../messages/capability.ts';
import type { NotificationMessage } from '../messages/message.ts';
import { change, type Turn } from './turn.ts';

/** A peer may have been upgraded meanwhile. */
const REDUCED_FOR_MS = 3_600_000;

/** What the next OPEN offers. */
export function offeredCapabilities({ peer, config, nowMs }: Turn): readonly Capability[] {
  const fewer = peer.fewerCapabilities;
  if (fewer === undefined || fewer.insteadOf !== config.capabilities || nowMs >= fewer.untilMs) {
    return config.capabilities;
  }
  return fewer.offered;
}

/** The peer did not like what was offered: RFC 4271, section 6.2, and RFC 5492, section 5. */
export function refusesCapabilities({ errorCode, errorSubcode }: NotificationMessage): boolean {
  return errorCode === 2 && (errorSubcode === 0 || errorSubcode === 4 || errorSubcode === 7);
}

/**
 * Less than what was offered: first families and the AS number alone, then no capability at all.
 *
 * Without any, a session has IPv4 unicast (RFC 4760, section 8): where that is not wanted, the last step is left out.
 */
function reduced(offered: readonly Capability[]): readonly Capability[] | undefined {
  const necessary = offered.filter(({ type }) => type === 'multiprotocol' || type === 'four-octet-asn');
  if (necessary.length < offered.length) return necessary;
  const families = offered.filter((capability) => capability.type === 'multiprotocol');
  const ipv4 = families.length === 0 || families.some(({ afi, safi }) => afi === 1 && safi === 1);
  return offered.length > 0 && ipv4 ? [] : undefined;
}

/**
 * After a peer refused `offered`, less is offered for an hour, as BIRD does; where nothing is left to be left out, that
 * was not it, and all of it is offered again.
 */
export function reduceCapabilities(turn: Turn, offered: readonly Capability[]): void {
  const fewer = reduced(offered);
  if (fewer === undefined) {
    change(turn, { fewerCapabilities: undefined });
    return;
  }
  const { nowMs, config } = turn;
  change(turn, {
    fewerCapabilities: { offered: fewer, insteadOf: config.capabilities, untilMs: nowMs + REDUCED_FOR_MS },
  });
  turn.effects.push({ type: 'capabilitiesReduced', offered: fewer });
}
