import { hash } from 'node:crypto';
import type { Logger } from '@steelyard/daemon';
import { deriveMetalLbKey } from '@steelyard/memberlist';
import type { GossipOptions, SpeakerWire } from '@steelyard/speaker-wire';
import type { Settings } from '../settings/settings.ts';
import { type MemberlistSecretWatch, watchMemberlistSecret } from './memberlist-key.ts';
import { readMemberlistSettings } from './memberlist-settings.ts';

/** The gossip as the flags want it, and the secret that it is encrypted with. */
export interface GossipSetup {
  /** `undefined`: there is none, and every Node counts as one with a speaker. */
  readonly options: GossipOptions | undefined;
  /** From now on a secret that changes is told to the wire. */
  follow(wire: Pick<SpeakerWire, 'offerGossipKey'>): void;
  stop(): void;
}

const sha256 = (octets: Uint8Array): Uint8Array => hash('sha256', octets, 'buffer');

/** @throws For a file that cannot be used. */
export async function setUpGossip({ memberlist }: Settings, logger: Logger): Promise<GossipSetup> {
  const { bindAddress, bindPort, secretDirectory } = memberlist;
  const settings = readMemberlistSettings(memberlist, logger);
  if (!settings.enabled) return { options: undefined, follow() {}, stop() {} };
  let wire: Pick<SpeakerWire, 'offerGossipKey'> | undefined;
  const keyOf = (octets: Uint8Array | undefined): Uint8Array | undefined =>
    octets === undefined ? undefined : deriveMetalLbKey(octets, sha256);
  const secret: MemberlistSecretWatch = await watchMemberlistSecret({
    directory: secretDirectory,
    onSecret: (octets) => wire?.offerGossipKey(keyOf(octets)),
    logger,
  });
  const none = secret.awaited ? undefined : [];
  const key = keyOf(secret.current);
  const keys = key === undefined ? none : [key];
  return {
    options: { bindAddress, bindPort, config: settings.config, keys },
    follow(opened) {
      wire = opened;
      // It may have come while the wire was being opened.
      if (!secret.awaited) wire.offerGossipKey(keyOf(secret.current));
    },
    stop: () => secret.stop(),
  };
}
