import type { PeerFsmConfig } from '../../fsm/vocabulary.ts';
import type { PeerSettings } from '../check-options.ts';

/** What is the same on each connection to a peer, with the defaults of `BgpPeerOptions`. */
export function fsmConfigOf(settings: PeerSettings): Omit<PeerFsmConfig, 'bgpIdentifier' | 'random'> {
  const { options, localAsn, capabilities, passive } = settings;
  return {
    localAsn,
    peerAsn: options.asn,
    holdTimeSeconds: options.holdTimeSeconds ?? 90,
    keepaliveTimeMs: options.keepaliveTimeMs,
    connectRetryTimeMs: options.connectRetryTimeMs ?? 10_000,
    delayOpenTimeMs: options.delayOpenTimeMs,
    idleHoldTimeMs: options.idleHoldTimeMs ?? 1_000,
    maxIdleHoldTimeMs: options.maxIdleHoldTimeMs ?? 120_000,
    // RFC 4271, section 8.2.2: "a HoldTimer value of 4 minutes is suggested".
    openHoldTimeMs: 240_000,
    sendHoldTimeMs: options.sendHoldTimeMs,
    passive,
    capabilities,
  };
}
