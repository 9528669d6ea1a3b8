import { formatAddress, type ParsedAddress, parseAddress } from './address.ts';
import { checkAsn, checkPeerOptions, checkRouterId, type PeerSettings, type SpeakerDefaults } from './check-options.ts';
import type { SpeakerEnvironment } from './environment.ts';
import { checkListenOptions, type DynamicPrefix, type ListenSettings } from './listen-settings.ts';
import type { BgpCloseOptions, BgpPeer, BgpPeerOptions, BgpSpeaker, BgpSpeakerOptions } from './options.ts';
import { Peer } from './peer/peer.ts';
import { Strangers } from './strangers.ts';
import type { AddressPrefix, Connection, Listener } from './transport/transport.ts';

/** Peers, and who of them has connected. */
export class Speaker implements BgpSpeaker {
  readonly #environment: SpeakerEnvironment;
  readonly #options: BgpSpeakerOptions;
  readonly #defaults: SpeakerDefaults;
  readonly #listen: ListenSettings | undefined;
  readonly #strangers: Strangers;
  readonly #peers = new Set<Peer>();
  readonly #dynamicPeers = new Map<DynamicPrefix, Set<Peer>>();
  #listener: Listener | undefined;
  #closing: Promise<void> | undefined;

  constructor(environment: SpeakerEnvironment, options: BgpSpeakerOptions) {
    if (options.asn !== undefined) checkAsn('asn', options.asn);
    if (options.routerId !== undefined) checkRouterId(options.routerId);
    this.#environment = environment;
    this.#options = options;
    this.#defaults = { asn: options.asn, routerId: options.routerId, listens: options.listen !== undefined };
    this.#listen = options.listen === undefined ? undefined : checkListenOptions(options.listen, this.#defaults);
    this.#strangers = new Strangers(this.#listen?.maxStrangers ?? 0, environment.clock);
  }

  get peers(): readonly BgpPeer[] {
    return [...this.#peers];
  }

  get listeningPort(): number | undefined {
    return this.#listener?.port;
  }

  async listen(): Promise<void> {
    if (this.#listen === undefined) return;
    const { address, port, gtsmHops, dynamic } = this.#listen;
    this.#listener = await this.#environment.transport.listen({
      address,
      port,
      gtsmHops,
      onConnection: (connection) => this.#connected(connection),
      onError: (error) => this.#onError(error),
    });
    for (const { prefix, md5Password } of dynamic) {
      if (md5Password !== undefined) this.#listener.setMd5Password(prefix, md5Password);
    }
  }

  addPeer(options: BgpPeerOptions): BgpPeer {
    if (this.#closing !== undefined) {
      throw Object.assign(new Error('the speaker is closed'), { code: 'ERR_BGP_SPEAKER_CLOSED' });
    }
    const settings = checkPeerOptions(options, this.#defaults);
    if (this.#listener !== undefined && [...this.#peers].some((peer) => sameEnds(peer.settings, settings))) {
      throw Object.assign(new Error(`there is a peer with the address ${options.address} already`), {
        code: 'ERR_BGP_PEER_EXISTS',
      });
    }
    this.#listener?.setMd5Password(wholeAddress(settings.peer), settings.md5Password);
    const peer = this.#newPeer(settings);
    // In the next turn: no event comes before the caller has the peer.
    this.#environment.clock.callSoon(() => peer.start());
    return peer;
  }

  close(options: BgpCloseOptions = {}): Promise<void> {
    this.#closing ??= this.#leave(options);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #leave(options: BgpCloseOptions): Promise<void> {
    const listening = this.#listener?.close();
    this.#strangers.close();
    await Promise.all([listening, ...[...this.#peers].map((peer) => peer.close(options))]);
  }

  #newPeer(settings: PeerSettings): Peer {
    const peer: Peer = new Peer(settings, this.#environment, {
      onError: (error) => this.#onError(error),
      removed: () => this.#removed(peer),
    });
    this.#peers.add(peer);
    return peer;
  }

  #removed(peer: Peer): void {
    this.#peers.delete(peer);
    for (const peers of this.#dynamicPeers.values()) peers.delete(peer);
    const { peer: address, md5Password, dynamic } = peer.settings;
    if (md5Password === undefined || dynamic || this.#closing !== undefined) return;
    const next = [...this.#peers].find((other) => formatAddress(other.settings.peer) === formatAddress(address));
    this.#guard(() => this.#listener?.setMd5Password(wholeAddress(address), next?.settings.md5Password));
  }

  /** Whose it is, is known by its addresses alone. */
  #connected(connection: Connection): void {
    this.#guard(() => {
      if (this.#closing !== undefined) {
        connection.destroy();
        return;
      }
      const peer = this.#peerOf(connection) ?? this.#dynamicPeerOf(connection);
      if (peer === undefined) {
        this.#strangers.refuse(connection);
        return;
      }
      connection.setHops({ ttl: peer.settings.ttl, gtsmHops: peer.settings.options.gtsmHops });
      if (!peer.accept(connection)) connection.reset();
    }, connection);
  }

  #peerOf(connection: Connection): Peer | undefined {
    const remote = formatAddress(parseAddress(connection.remoteAddress));
    const candidates = [...this.#peers].filter(({ settings }) => formatAddress(settings.peer) === remote);
    const local = connection.localAddress;
    return (
      candidates.find(
        ({ settings }) => settings.sourceAddress !== undefined && sameAddress(settings.sourceAddress, local),
      ) ??
      candidates.find(({ settings, idle }) => settings.sourceAddress === undefined && idle) ??
      candidates.find(({ settings }) => settings.sourceAddress === undefined)
    );
  }

  #dynamicPeerOf(connection: Connection): Peer | undefined {
    const remote = parseAddress(connection.remoteAddress);
    const dynamic = this.#listen?.dynamic.find(({ matches }) => matches(remote));
    if (dynamic === undefined) return undefined;
    const peers = this.#dynamicPeers.get(dynamic) ?? new Set<Peer>();
    this.#dynamicPeers.set(dynamic, peers);
    if (peers.size >= dynamic.maxPeers) return undefined;
    const options = { ...dynamic.options, address: formatAddress(remote) };
    const peer = this.#newPeer(checkPeerOptions(options, this.#defaults, true));
    peers.add(peer);
    peer.start();
    this.#guard(() => dynamic.onPeer?.(peer));
    return peer;
  }

  #guard(action: () => void, connection?: Connection): void {
    try {
      action();
    } catch (error) {
      connection?.destroy();
      this.#onError(error instanceof Error ? error : new Error(String(error), { cause: error }));
    }
  }

  #onError(error: Error): void {
    try {
      this.#options.onError?.(error);
    } catch {
      // There is nobody left to tell, and a mistake in telling must not end the sessions.
    }
  }
}

function sameEnds(a: PeerSettings, b: PeerSettings): boolean {
  return (
    formatAddress(a.peer) === formatAddress(b.peer) &&
    a.port === b.port &&
    a.options.device === b.options.device &&
    (a.sourceAddress === b.sourceAddress ||
      (a.sourceAddress !== undefined && sameAddress(a.sourceAddress, b.sourceAddress)))
  );
}

function sameAddress(a: string, b: string | undefined): boolean {
  return b !== undefined && parseAddress(a).address === parseAddress(b).address;
}

function wholeAddress(peer: ParsedAddress): AddressPrefix {
  return { address: formatAddress(peer), length: peer.octets.length * 8 };
}
