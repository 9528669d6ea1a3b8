// Speakers inside a namespace, driven by the tests beside it.

import type { Route, RouteAttributes } from '@steelyard/bgp';
import {
  type BgpCloseOptions,
  type BgpPeer,
  type BgpPeerEvent,
  type BgpPeerOptions,
  type BgpPeerStatus,
  type BgpSpeaker,
  type BgpSpeakerOptions,
  openBgpSpeaker,
} from '@steelyard/bgp/node';
import { serveRemote } from '../layer2/arp-remote-inside.ts';

interface KnownPeer {
  readonly peer: BgpPeer;
  readonly events: BgpPeerEvent[];
}

const speakers = new Map<string, BgpSpeaker>();
const peers = new Map<string, KnownPeer>();
const errors: string[] = [];

function known(name: string): KnownPeer {
  const found = peers.get(name);
  if (found === undefined) throw new Error(`no peer ${name}`);
  return found;
}

/** `base/32`, and those after it. */
function* hosts(count: number, attributes: RouteAttributes | undefined): Generator<Route> {
  for (let index = 0; index < count; index += 1) {
    const prefix = `10.${100 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}/32`;
    yield attributes === undefined ? { prefix } : { prefix, attributes };
  }
}

const calls = {
  async open(name: string, options: BgpSpeakerOptions): Promise<void> {
    speakers.set(name, await openBgpSpeaker({ ...options, onError: (error) => errors.push(error.message) }));
  },
  /** A peer under a name of its own, of a speaker. */
  add(speaker: string, name: string, options: BgpPeerOptions): void {
    const events: BgpPeerEvent[] = [];
    const found = speakers.get(speaker);
    if (found === undefined) throw new Error(`no speaker ${speaker}`);
    peers.set(name, { events, peer: found.addPeer({ ...options, onEvent: (event) => events.push(event) }) });
  },
  /** Resolves once they are sent. */
  set: (name: string, routes: readonly Route[]): Promise<void> => known(name).peer.routes.set(routes),
  /** The same, of so many addresses. */
  setHosts: (name: string, count: number, attributes?: RouteAttributes): Promise<void> =>
    known(name).peer.routes.set(hosts(count, attributes)),
  patch: (name: string, add: readonly Route[], remove: readonly string[]): Promise<void> =>
    known(name).peer.routes.patch({ add, remove }),
  status: (name: string): BgpPeerStatus => known(name).peer.status,
  events: (name: string): readonly BgpPeerEvent[] => known(name).events,
  reset: (name: string, communication?: string): void => known(name).peer.reset(communication),
  close: (name: string, options?: BgpCloseOptions): Promise<void> => known(name).peer.close(options),
  errors: (): readonly string[] => errors,
};
/** What the tests may call. */
export type SpeakerCalls = typeof calls;
serveRemote(calls);
