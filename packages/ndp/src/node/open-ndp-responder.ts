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
import { formatIpv6Address, formatMacAddress, parseIpv6Address, parseMacAddress } from '@steelyard/wire';
import { answerFor, type NdpAnswer, type NdpIdentity } from '../answer.ts';
import { claimantMacOffset } from '../conflict.ts';
import { ADVERTISEMENT_FRAME_LENGTH, writeNdpAnnouncement } from '../frame/advertisement.ts';
import { FRAME_OFFSET, MESSAGE_OFFSET } from '../frame/layout.ts';
import { NEIGHBOR_ADVERTISEMENT } from '../message/message.ts';
import { GroupMembership } from './group-membership.ts';
import { linkLocalAddress } from './link-local.ts';
import { NdpSocket } from './ndp-socket.ts';
import type { NdpAddressCounters, NdpConflict, NdpResponderOptions } from './options.ts';
import { type OwnedAddress, OwnedAddresses } from './owned-addresses.ts';
import type { NdpResponder, NdpResponderStatistics } from './responder.ts';
import { loadTransport } from './transport/load.ts';
import type { OpenNdpTransport } from './transport/transport.ts';

/** After the system refused a group. */
const REJOIN_AFTER_MS = 1_000;
const TARGET = FRAME_OFFSET.message + MESSAGE_OFFSET.target;

/**
 * Opens a responder. An interface that does not exist yet, or has no link-local address yet, is waited for.
 *
 * @throws TypeError when an address is none, RangeError when `announce` makes no sense; a system error: `EPERM` (no CAP_NET_RAW),
 *   …; `ERR_NDP_TRANSPORT_MISSING` where npm `raw-socket` is asked for and not there. All as rejections.
 */
export async function openNdpResponder(options: NdpResponderOptions): Promise<NdpResponder> {
  const responder = new OpenNdpResponder(options, loadTransport(options.transport ?? 'packet'));
  try {
    if (options.link === undefined) await responder.watch();
    else responder.openOn(options.link ?? undefined);
    return responder;
  } catch (error) {
    await responder.close();
    throw error;
  }
}

class OpenNdpResponder implements NdpResponder {
  readonly interfaceName: string;
  readonly #options: NdpResponderOptions;
  readonly #owned: OwnedAddresses;
  readonly #socket: NdpSocket;
  readonly #groups: GroupMembership;
  readonly #announcer: AnnouncementRunner<OwnedAddress>;
  readonly #conflictWatch: ConflictWatch<OwnedAddress, NdpConflict['kind']>;
  readonly #reply: Uint8Array = new Uint8Array(ADVERTISEMENT_FRAME_LENGTH);
  readonly #announcement: Uint8Array = new Uint8Array(ADVERTISEMENT_FRAME_LENGTH);
  readonly #interface: FollowedInterface<Link>;
  readonly #self: NdpIdentity;
  readonly #isOwnMac: (mac: number) => boolean;
  readonly #outcomes: Partial<Record<NdpAnswer, number>> = {};
  /** Owned, but not announced before filter and groups let questions through. */
  readonly #unannounced = new Set<OwnedAddress>();
  /** Every address is to be announced anew once the groups are joined. */
  #readyIsDue: boolean = false;
  #filterIsStale: boolean = false;
  #settling: NodeJS.Immediate | undefined;
  #rejoining: NodeJS.Timeout | undefined;
  #watcher: LinkWatcher | undefined;
  #conflicts = 0;
  #filtersAttached = 0;
  #closed: boolean = false;

  constructor(options: NdpResponderOptions, openTransport: OpenNdpTransport) {
    this.#options = options;
    this.interfaceName = options.interfaceName;
    this.#owned = new OwnedAddresses(options.countersFor?.bind(options));
    const followed = followInterface<Link>({
      parseMac: parseMacAddress,
      // An interface that goes down loses it.
      isUsable: (link) => linkLocalAddress(link) !== undefined,
      socketIndex: () => this.#socket.interfaceIndex,
      openSocket: (interfaceIndex) => this.#open(interfaceIndex),
      closeSocket: () => this.#shut(),
      ready: () => {
        this.#readyIsDue = true;
        this.#settle();
      },
      lost: () => {
        this.#readyIsDue = false;
        this.#announcer.interfaceLost();
      },
      onError: (error) => this.#onError(error),
    });
    this.#interface = followed;
    this.#self = {
      get hardwareAddress() {
        return followed.mac;
      },
      owns: (octets, offset) => this.#owned.at(octets, offset) !== undefined,
    };
    this.#isOwnMac = (mac) => followed.isOwnMac(mac);
    this.#socket = new NdpSocket(openTransport, {
      mac: () => followed.mac,
      onFrame: (frame) => this.#onFrame(frame),
      onWritable: () => this.#announcer.sendPossible(),
      onGone: () => followed.socketLost(),
      onError: (error) => this.#onError(error),
    });
    this.#groups = new GroupMembership((error) => this.#onError(error));
    this.#announcer = createAnnouncementRunner<OwnedAddress>({
      config: { ...DEFAULT_ANNOUNCEMENT_CONFIG, ...options.announce },
      owns: (owned) => this.#owned.has(owned),
      sendRound: (owned) => this.#announce(owned),
      announced: (owned, round) => this.#onAnnounced(owned, round),
    });
    this.#conflictWatch = createConflictWatch<OwnedAddress, NdpConflict['kind']>({
      defend: options.defend ?? false,
      graceMs: options.conflictGraceMs ?? 0,
      report: (owned, theirMac, kind) => this.#onConfirmedConflict(owned, theirMac, kind),
      sendDefence: (owned) => {
        if (this.#announce(owned) === 'Sent') owned.counters.gratuitousSent += 1;
      },
    });
    for (const address of options.addresses ?? []) this.own(address);
  }

  get mac(): string | undefined {
    return this.#interface.link?.mac;
  }

  get linkLocalAddress(): string | undefined {
    const { link } = this.#interface;
    return link === undefined ? undefined : linkLocalAddress(link);
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
      onError: (error) => this.#onError(error),
    });
    this.openOn(apply(this.#watcher.view));
  }

  /** As `linkChanged`, but what the system refuses is the caller's to hear. */
  openOn(link: Link | undefined): void {
    this.#interface.open(link);
  }

  own(address: string): void {
    this.#assertOpen();
    const owned = this.#owned.add(address);
    if (owned === undefined) return;
    this.#unannounced.add(owned);
    this.#groups.add(owned);
    this.#filterIsStale = true;
    this.#settleSoon();
  }

  disown(address: string): void {
    this.#assertOpen();
    const owned = this.#owned.remove(address);
    if (owned === undefined) return;
    this.#conflictWatch.forget(owned);
    this.#groups.remove(owned);
    if (!this.#unannounced.delete(owned)) this.#announcer.disown(owned);
    this.#filterIsStale = true;
    this.#settleSoon();
  }

  announceAgain(address: string): void {
    this.#assertOpen();
    const owned = this.#owned.at(parseIpv6Address(address), 0);
    if (owned === undefined || this.#unannounced.has(owned)) return;
    this.#announcer.disown(owned);
    this.#announcer.own(owned);
  }

  setOwned(addresses: Iterable<string>): void {
    const wanted = new Set<string>();
    for (const address of addresses) {
      this.own(address);
      wanted.add(formatIpv6Address(parseIpv6Address(address)));
    }
    for (const owned of [...this.#owned.texts]) if (!wanted.has(owned)) this.disown(owned);
  }

  linkChanged(link: Link | undefined): void {
    this.#interface.changed(link);
  }

  setHostMacs(macs: Iterable<string>): void {
    this.#interface.setHostMacs(macs);
  }

  statistics(): NdpResponderStatistics {
    const addresses = new Map<string, Readonly<NdpAddressCounters>>();
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
    clearTimeout(this.#rejoining);
    this.#interface.close();
    this.#announcer.close();
    this.#conflictWatch.close();
    this.#shut();
    await this.#watcher?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @throws A system error. */
  #open(interfaceIndex: number): void {
    this.#shut();
    this.#socket.open(interfaceIndex, () => this.#owned.octets());
    this.#filtersAttached += 1;
    this.#filterIsStale = false;
    this.#groups.open(interfaceIndex, this.#owned.values());
  }

  #shut(): void {
    this.#socket.close();
    this.#groups.close();
  }

  /** Once per turn of the event loop, however many addresses changed in it. */
  #settleSoon(): void {
    if (!this.#closed) this.#settling ??= setImmediate(() => this.#settle());
  }

  /** Filter and groups first: whoever hears an announcement may ask at once. */
  #settle(): void {
    clearImmediate(this.#settling);
    this.#settling = undefined;
    if (this.#filterIsStale && this.#socket.interfaceIndex !== undefined) {
      this.#filterIsStale = false;
      try {
        this.#socket.attachFilter(() => this.#owned.octets());
        this.#filtersAttached += 1;
      } catch (error) {
        // Closed, and opened anew with a filter that is right.
        this.#interface.failed(error);
      }
    }
    if (!this.#groups.changeSome()) {
      this.#settleSoon();
      return;
    }
    if (this.#groups.incomplete) this.#rejoinLater();
    if (this.#readyIsDue) {
      this.#readyIsDue = false;
      this.#announcer.interfaceReady();
    }
    for (const owned of this.#unannounced) {
      this.#unannounced.delete(owned); // first, for the callback may disown what is being announced
      this.#announcer.own(owned);
    }
    if (this.#groups.leaving) this.#settleSoon();
  }

  #rejoinLater(): void {
    clearTimeout(this.#rejoining);
    this.#rejoining = setTimeout(() => {
      this.#groups.retry();
      this.#settleSoon();
    }, REJOIN_AFTER_MS);
    this.#rejoining.unref();
  }

  #onFrame(frame: Uint8Array): void {
    if (this.#closed) return;
    const outcome = answerFor(frame, this.#self, this.#reply);
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
    if (outcome === 'Answered') this.#answered(frame);
    const claimant = claimantMacOffset(frame, this.#self.owns, this.#isOwnMac);
    if (claimant !== undefined) this.#onConflict(frame, claimant);
  }

  #answered(frame: Uint8Array): void {
    const owned = this.#owned.at(frame, TARGET);
    if (owned === undefined) return;
    owned.counters.requestsReceived += 1;
    if (this.#socket.send(this.#reply) === 'Sent') owned.counters.responsesSent += 1;
    this.#options.onRequest?.({
      address: owned.text,
      interfaceName: this.interfaceName,
      senderMac: formatMacAddress(frame, FRAME_OFFSET.sourceMac),
      senderAddress: formatIpv6Address(frame, FRAME_OFFSET.source),
    });
  }

  #onConflict(frame: Uint8Array, claimant: number): void {
    const owned = this.#owned.at(frame, TARGET);
    if (owned === undefined) return;
    this.#conflicts += 1;
    const kind = frame[FRAME_OFFSET.message] === NEIGHBOR_ADVERTISEMENT ? 'advertisement' : 'probe';
    // A probe does not say that the other host has it yet, and finds that it has not.
    if (kind === 'advertisement') this.#options.onClaim?.(owned.text);
    if (!this.#owned.has(owned)) return; // given away
    this.#conflictWatch.claimed(owned, frame, claimant, kind);
  }

  #onConfirmedConflict(owned: OwnedAddress, theirMac: Uint8Array, kind: NdpConflict['kind']): void {
    this.#options.onConflict?.({
      address: owned.text,
      interfaceName: this.interfaceName,
      ourMac: formatMacAddress(this.#self.hardwareAddress),
      theirMac: formatMacAddress(theirMac),
      kind,
    });
  }

  #announce(owned: OwnedAddress): ReturnType<NdpSocket['send']> {
    writeNdpAnnouncement(this.#announcement, this.#self, owned.octets);
    return this.#socket.send(this.#announcement);
  }

  #onAnnounced(owned: OwnedAddress, round: number): void {
    owned.counters.gratuitousSent += 1;
    if (round === 1) this.#options.onAnnounced?.(owned.text);
  }

  #onError(error: Error): void {
    if (!this.#closed) this.#options.onError?.(error);
  }

  #assertOpen(): void {
    if (!this.#closed) return;
    throw Object.assign(new Error(`the NDP responder on ${this.interfaceName} is closed`), { code: 'ERR_NDP_CLOSED' });
  }
}
