import { encodeKeepalive } from '../../messages/keepalive.ts';
import { encodeOpen } from '../../messages/open/encode-open.ts';
import { openBgpSpeakerIn } from '../open-bgp-speaker.ts';
import type { BgpPeerEvent, BgpSpeaker, BgpSpeakerOptions } from '../options.ts';
import type { Connection } from '../transport/transport.ts';
import { type MemoryHost, MemoryNetwork } from './memory-network.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The addresses and AS numbers of RFC 5737 and RFC 5398 that the tests use. */
export const NODE = '192.0.2.9';
export const ROUTER = '192.0.2.1';
export const NODE_ASN = 64_500;
export const ROUTER_ASN = 64_496;

/** A network, its time, and what went wrong in it. */
export class World {
  readonly clock: VirtualClock = new VirtualClock();
  readonly network: MemoryNetwork = new MemoryNetwork(this.clock);
  /** What speakers told `onError`. */
  readonly errors: Error[] = [];
  /** The middle of every jitter. */
  random: () => number = () => 0.5;

  speaker(host: MemoryHost, options: BgpSpeakerOptions): Promise<BgpSpeaker> {
    const { clock } = this;
    return openBgpSpeakerIn(
      { transport: host, clock, random: () => this.random() },
      { onError: (error) => this.errors.push(error), ...options },
    );
  }

  /** A speaker at `NODE` that only connects. */
  node(options: Partial<BgpSpeakerOptions> = {}): Promise<BgpSpeaker> {
    return this.speaker(this.network.host(`${NODE}/24`), { asn: NODE_ASN, routerId: NODE, ...options });
  }

  /** A speaker at `ROUTER` that only listens. */
  router(options: Partial<BgpSpeakerOptions> = {}): Promise<BgpSpeaker> {
    const host = this.network.host(`${ROUTER}/24`);
    return this.speaker(host, { asn: ROUTER_ASN, routerId: ROUTER, listen: {}, ...options });
  }
}

/** A peer made by hand: it says what a test tells it to say, and keeps what it hears. */
export class RawPeer {
  readonly heard: number[] = [];
  closed: boolean = false;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.handle({
      onConnect: () => {},
      onOctets: (octets) => this.heard.push(...octets.subarray(0, 4_096)),
      onClose: () => {
        this.closed = true;
      },
    });
  }

  say(...octets: readonly Uint8Array[]): void {
    this.#connection.write(octets, () => {});
  }

  /** Reads nothing any more. */
  deaf(): void {
    this.#connection.pause();
  }

  hangUp(): void {
    this.#connection.destroy();
  }

  /** An OPEN of `ROUTER`, and a KEEPALIVE that takes ours for good. */
  greet(holdTimeSeconds: number = 90, asn: number = ROUTER_ASN): void {
    this.say(
      encodeOpen({
        version: 4,
        myAutonomousSystem: asn,
        holdTimeSeconds,
        bgpIdentifier: ROUTER,
        capabilities: [
          { type: 'multiprotocol', afi: 1, safi: 1 },
          { type: 'route-refresh' },
          { type: 'four-octet-asn', asn },
        ],
      }),
      encodeKeepalive(),
    );
  }
}

/** Whoever connects to `ROUTER` meets one of these. */
export async function rawRouter(world: World, onConnection: (peer: RawPeer) => void): Promise<readonly RawPeer[]> {
  const met: RawPeer[] = [];
  await world.network.host(`${ROUTER}/24`).listen({
    address: '::',
    port: 179,
    onConnection(connection) {
      const peer = new RawPeer(connection);
      met.push(peer);
      onConnection(peer);
    },
    onError() {},
  });
  return met;
}

/** What a peer tells while the test goes on. */
export function recorded(): { readonly events: BgpPeerEvent[]; readonly onEvent: (event: BgpPeerEvent) => void } {
  const events: BgpPeerEvent[] = [];
  return { events, onEvent: (event) => events.push(event) };
}

/** The types of events, without those that only follow the states. */
export function typesOf(events: readonly BgpPeerEvent[]): readonly string[] {
  return events.map(({ type }) => type).filter((type) => type !== 'stateChanged');
}
