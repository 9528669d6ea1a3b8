import { systemClock } from './clock.ts';
import type { SpeakerEnvironment } from './environment.ts';
import type { BgpSpeaker, BgpSpeakerOptions } from './options.ts';
import { Speaker } from './speaker.ts';
import { linuxTransport } from './transport/linux-transport.ts';

/**
 * Opens a BGP speaker: sessions over TCP, with whoever is added by `addPeer`, or connects where `listen` says so.
 *
 * @returns Resolved when it listens, if it is to.
 * @throws TypeError or RangeError for options that cannot be, and the system's error where it cannot listen.
 */
export function openBgpSpeaker(options: BgpSpeakerOptions): Promise<BgpSpeaker> {
  return openBgpSpeakerIn({ transport: linuxTransport, clock: systemClock, random: Math.random }, options);
}

/** The same, on whatever world there is. */
export async function openBgpSpeakerIn(
  environment: SpeakerEnvironment,
  options: BgpSpeakerOptions,
): Promise<BgpSpeaker> {
  const speaker = new Speaker(environment, options);
  await speaker.listen();
  return speaker;
}
