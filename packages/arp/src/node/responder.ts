import { DEFAULT_ANNOUNCEMENT_CONFIG } from '@steelyard/announcement-schedule';
import {
  type AnnouncementRunner,
  type ConflictWatch,
  createAnnouncementRunner,
  createConflictWatch,
  type FollowedInterface,
  followInterface,
} from '@steelyard/announcement-schedule/node';
import { type Link, type LinkWatcher, type NetworkView, watchLinks } from '@steelyard/linux-socket/link';
import type { FrameBatch, PacketSocketStatistics } from '@steelyard/linux-socket/packet';
import { formatIpv4Address, formatMacAddress, ipv4ToNumber, parseIpv4Address, parseMacAddress } from '@steelyard/wire';
import { type ArpAnswer, type ArpIdentity, answerFor } from '../answer.ts';
import { isConflict } from '../conflict.ts';
import { ARP_FRAME_LENGTH, ARP_REQUEST } from '../packet.ts';
import { type AnnouncementFrames, createAnnouncementFrames } from './announcement-frames.ts';
import { ArpSocket } from './arp-socket.ts';
import type { ArpAddressCounters, ArpConflict, ArpResponderOptions } from './options.ts';
import { OwnedAddresses } from './owned-addresses.ts';

/** Counters of a responder since it was opened; those of an address since it is owned. */
export interface ArpResponderStatistics {
  readonly addresses: ReadonlyMap<string, Readonly<ArpAddressCounters>>;
  /** Frames that passed the kernel's filter, by what became of them. */
  readonly outcomes: Readonly<Partial<Record<ArpAnswer, number>>>;
  /** Frames by which another host claimed an address. */
  readonly conflicts: number;
  readonly filtersAttached: number;
  readonly socket: PacketSocketStatistics;
}

/** Answers and announces on one interface, which may come, go and change its MAC meanwhile. */
export interface ArpResponder extends AsyncDisposable {
  readonly interfaceName: string;
  /** The MAC that is answered with; `undefined` while there is no interface. */
  readonly mac: string | undefined;
  /** What is owned, in canonical text. */
  readonly addresses: ReadonlySet<string>;
  /**
   * Answers for an address from now on, and announces it. Owning it already is no error and announces nothing.
   *
   * @throws TypeError when `address` is no IPv4 address.
   */
  own(address: string): void;
  /** Falls silent for an address and forgets its counters. */
  disown(address: string): void;
  /**
   * Announces an owned address from the first round on: for who cannot know what its neighbours have heard meanwhile.
   * One that is not owned is left alone.
   */
  announceAgain(address: string): void;
  /** Owns these addresses and no others. */
  setOwned(addresses: Iterable<string>): void;
  /** Tells how the interface is now; `undefined`: it is gone. Only for a responder that was opened with `link`. */
  linkChanged(link: Link | undefined): void;
  /** MACs of this host, whose claims are no conflicts; the interface's own need not be among them. */
  setHostMacs(macs: Iterable<string>): void;
  statistics(): ArpResponderStatistics;
  /** More than once is no error. No callback is called after it. */
  close(): Promise<void>;
}

/**
 * Opens a responder. An interface that does not exist yet is waited for.
 *
 * @throws TypeError when an address is none, RangeError when `announce` makes no sense; a system error: `EPERM` (no CAP_NET_RAW),
 *   … All as rejections.
 */
export async function openArpResponder(options: ArpResponderOptions): Promise<ArpResponder> {
  const responder = new OpenArpResponder(options);
  try {
    if (options.link === undefined) await responder.watch();
    else responder.openOn(options.link ?? undefined);
    return responder;
  } catch (error) {
    await responder.close();
    throw error;
  }
}

class OpenArpResponder implements ArpResponder {
  readonly interfaceName: string;
  readonly #options: ArpResponderOptions;
  readonly #owned: OwnedAddresses;
  readonly #socket: ArpSocket;
  readonly #announcer: AnnouncementRunner<number>;
  readonly #announcementFrames: AnnouncementFrames;
  readonly #conflictWatch: ConflictWatch<number, ArpConflict['kind']>;
  readonly #reply: Uint8Array = new Uint8Array(ARP_FRAME_LENGTH);
  readonly #interface: FollowedInterface<Link>;
  readonly #self: ArpIdentity;
  readonly #isOwnMac: (mac: number) => boolean;
  readonly #outcomes: Partial<Record<ArpAnswer, number>> = {};
  /** Owned, but not announced before the filter lets questions through. */
  readonly #unannounced = new Set<number>();
  #filterIsStale: boolean = false;
  #settling: NodeJS.Immediate | undefined;
  #watcher: LinkWatcher | undefined;
  #conflicts = 0;
  #filtersAttached = 0;
  #closed: boolean = false;

  constructor(options: ArpResponderOptions) {
    this.#options = options;
    this.interfaceName = options.interfaceName;
    this.#owned = new OwnedAddresses(options.countersFor?.bind(options));
    const followed = followInterface<Link>({
      parseMac: parseMacAddress,
      isUsable: () => true,
      socketIndex: () => this.#socket.interfaceIndex,
      openSocket: (interfaceIndex) => this.#open(interfaceIndex),
      closeSocket: () => this.#socket.close(),
      ready: () => this.#announcer.interfaceReady(),
      lost: () => this.#announcer.interfaceLost(),
      onError: (error) => this.#options.onError?.(error),
    });
    this.#interface = followed;
    this.#self = {
      get hardwareAddress() {
        return followed.mac;
      },
      owns: (address) => this.#owned.has(address),
    };
    this.#isOwnMac = (mac) => followed.isOwnMac(mac);
    this.#socket = new ArpSocket({
      onFrames: (batch) => this.#onFrames(batch),
      onWritable: () => this.#announcer.sendPossible(),
      onGone: () => followed.socketLost(),
      onError: (error) => this.#options.onError?.(error),
    });
    this.#announcementFrames = createAnnouncementFrames({
      mac: () => this.#self.hardwareAddress,
      send: (frame) => this.#socket.send(frame),
    });
    this.#announcer = createAnnouncementRunner<number>({
      config: { ...DEFAULT_ANNOUNCEMENT_CONFIG, ...options.announce },
      owns: this.#self.owns,
      sendRound: (address) => this.#announcementFrames.sendRound(address),
      announced: (address, round) => this.#onAnnounced(address, round),
    });
    this.#conflictWatch = createConflictWatch<number, ArpConflict['kind']>({
      defend: options.defend ?? false,
      graceMs: options.conflictGraceMs ?? 0,
      report: (address, theirMac, kind) => this.#onConfirmedConflict(address, theirMac, kind),
      sendDefence: (address) => this.#defend(address),
    });
    for (const address of options.addresses ?? []) this.own(address);
  }

  get mac(): string | undefined {
    return this.#interface.link?.mac;
  }

  get addresses(): ReadonlySet<string> {
    return this.#owned.texts;
  }

  /** Follows the links by itself. */
  async watch(): Promise<void> {
    const apply = (view: NetworkView): Link | undefined => {
      const links = [...view.links.values()];
      this.setHostMacs(links.flatMap(({ mac }) => (mac === undefined ? [] : [mac])));
      return links.find(({ name }) => name === this.interfaceName);
    };
    this.#watcher = await watchLinks({
      onChange: (view) => this.linkChanged(apply(view)),
      onError: (error) => this.#options.onError?.(error),
    });
    this.openOn(apply(this.#watcher.view));
  }

  /** As `linkChanged`, but what the system refuses is the caller's to hear. */
  openOn(link: Link | undefined): void {
    this.#interface.open(link);
  }

  own(address: string): void {
    this.#assertOpen();
    const added = this.#owned.add(address);
    if (added === undefined) return;
    this.#unannounced.add(added);
    this.#filterIsStale = true;
    this.#settleSoon();
  }

  disown(address: string): void {
    this.#assertOpen();
    const removed = this.#owned.remove(address);
    if (removed === undefined) return;
    this.#conflictWatch.forget(removed);
    if (!this.#unannounced.delete(removed)) this.#announcer.disown(removed);
    this.#filterIsStale = true;
    this.#settleSoon();
  }

  announceAgain(address: string): void {
    this.#assertOpen();
    const number = ipv4ToNumber(parseIpv4Address(address));
    if (!this.#owned.has(number) || this.#unannounced.has(number)) return;
    this.#announcer.disown(number);
    this.#announcer.own(number);
  }

  setOwned(addresses: Iterable<string>): void {
    const wanted = new Set<string>();
    for (const address of addresses) {
      this.own(address);
      wanted.add(formatIpv4Address(parseIpv4Address(address)));
    }
    for (const owned of [...this.#owned.texts]) if (!wanted.has(owned)) this.disown(owned);
  }

  linkChanged(link: Link | undefined): void {
    this.#interface.changed(link);
  }

  setHostMacs(macs: Iterable<string>): void {
    this.#interface.setHostMacs(macs);
  }

  statistics(): ArpResponderStatistics {
    const addresses = new Map<string, Readonly<ArpAddressCounters>>();
    for (const { text, counters } of this.#owned.values()) addresses.set(text, { ...counters });
    return {
      addresses,
      outcomes: { ...this.#outcomes },
      conflicts: this.#conflicts,
      filtersAttached: this.#filtersAttached,
      socket: this.#socket.statistics(),
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearImmediate(this.#settling);
    this.#interface.close();
    this.#announcer.close();
    this.#conflictWatch.close();
    this.#socket.close();
    await this.#watcher?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @throws A system error. */
  #open(interfaceIndex: number): void {
    this.#socket.open(interfaceIndex, () => this.#owned.numbers());
    this.#filtersAttached += 1;
    this.#filterIsStale = false;
  }

  /** Once per turn of the event loop, however many addresses changed in it. */
  #settleSoon(): void {
    this.#settling ??= setImmediate(() => this.#settle());
  }

  #settle(): void {
    this.#settling = undefined;
    // The filter first: whoever hears the announcement may ask at once.
    if (this.#filterIsStale && this.#socket.interfaceIndex !== undefined) {
      this.#filterIsStale = false;
      try {
        this.#socket.attachFilter(() => this.#owned.numbers());
        this.#filtersAttached += 1;
      } catch (error) {
        // Closed, and opened anew with a filter that is right.
        this.#interface.failed(error);
      }
    }
    for (const address of this.#unannounced) {
      this.#unannounced.delete(address); // first, for the callback may disown what is being announced
      this.#announcer.own(address);
    }
  }

  #onFrames(batch: FrameBatch): void {
    for (let i = 0; i < batch.count && !this.#closed; i++) {
      const frame = batch.frame(i);
      const outcome = answerFor(frame, this.#self, this.#reply);
      this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
      if (outcome === 'Answered') this.#answered(frame);
      if (isConflict(frame, this.#self.owns, this.#isOwnMac)) this.#onConflict(frame);
    }
  }

  #answered(frame: Uint8Array): void {
    const owned = this.#owned.get(ipv4ToNumber(frame, 38));
    if (owned === undefined) return;
    owned.counters.requestsReceived += 1;
    if (this.#socket.send(this.#reply) === 'Sent') owned.counters.responsesSent += 1;
    this.#options.onRequest?.({
      address: owned.text,
      interfaceName: this.interfaceName,
      senderMac: formatMacAddress(frame, 22),
      senderAddress: formatIpv4Address(frame, 28),
    });
  }

  #onConflict(frame: Uint8Array): void {
    const owned = this.#owned.get(ipv4ToNumber(frame, 28));
    if (owned === undefined) return;
    this.#conflicts += 1;
    this.#options.onClaim?.(owned.text);
    if (!this.#owned.has(owned.address)) return; // given away
    this.#conflictWatch.claimed(owned.address, frame, 22, frame[21] === ARP_REQUEST ? 'request' : 'reply');
  }

  #defend(address: number): void {
    const owned = this.#owned.get(address);
    if (owned === undefined || this.#announcementFrames.sendRequest(address) !== 'Sent') return;
    owned.counters.gratuitousSent += 1;
  }

  #onConfirmedConflict(address: number, theirMac: Uint8Array, kind: ArpConflict['kind']): void {
    const owned = this.#owned.get(address);
    if (owned === undefined) return;
    this.#options.onConflict?.({
      address: owned.text,
      interfaceName: this.interfaceName,
      ourMac: formatMacAddress(this.#self.hardwareAddress),
      theirMac: formatMacAddress(theirMac),
      kind,
    });
  }

  #onAnnounced(address: number, round: number): void {
    const owned = this.#owned.get(address);
    if (owned === undefined) return;
    owned.counters.gratuitousSent += 2;
    if (round === 1) this.#options.onAnnounced?.(owned.text);
  }

  #assertOpen(): void {
    if (!this.#closed) return;
    throw Object.assign(new Error(`the ARP responder on ${this.interfaceName} is closed`), { code: 'ERR_ARP_CLOSED' });
  }
}
