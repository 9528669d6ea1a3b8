import type { Member, MemberlistConfig } from '@steelyard/memberlist';
import { type Memberlist, type MemberlistOptions, openMemberlist } from '@steelyard/memberlist/node';
import { formatIpAddress, parseIpAddress } from '@steelyard/wire';
import type { Members } from '../reconcile/outcome.ts';
import type { WireLog } from '../wire-log.ts';
import { type Keys, withHeardKey, withOfferedKey } from './keys.ts';
import { createRejoin, type Rejoin } from './rejoin.ts';

/** How a speaker takes part in the gossip. */
export interface GossipOptions {
  /** This host's address: what it binds to and what it tells others. */
  readonly bindAddress: string;
  readonly bindPort: number;
  readonly config: MemberlistConfig;
  /** `undefined`: encrypted with a key that is still to be offered. Until then the gossip is not entered: nobody would hear. */
  readonly keys: Keys | undefined;
  /** Default: the one of `@steelyard/memberlist/node`. */
  readonly open?: (options: MemberlistOptions) => Promise<Memberlist>;
}

/** What a gossip reports. */
export interface GossipHost {
  readonly nodeName: string;
  onMembers(members: Members): void;
  /** Others took this speaker for dead: they may have announced what is its own. */
  onRefuted(): void;
  readonly log: WireLog;
}

/** Between two looks at who is missing. */
const REJOIN_INTERVAL_MS = 1_000;
/** A speaker on the same network answers at once or not at all. */
const DIAL_TIMEOUT_MS = 1_000;
/**
 * Nobody is elected before the others were asked. One that accepts connections and then says nothing, as a process that
 * hangs does, holds memberlist up for `tcpTimeoutMs`: it counts when it answers after all.
 */
const SETTLE_AFTER_MS = 2_000;
const REOPEN_AFTER_MS = 1_000;
const COMPLAINT_INTERVAL_MS = 60_000;

/**
 * Keeps this speaker in the gossip: opens it as often as it takes, asks in those who are missing, and tells who lives.
 * Before the first attempt to join has ended, who lives is not known: `joining`. It is entered when `enter` says so.
 */
export class Gossip {
  readonly #options: GossipOptions;
  readonly #host: GossipHost;
  readonly #rejoin: Rejoin;
  #memberlist: Memberlist | undefined;
  #keys: Keys | undefined;
  #peersKnown: boolean = false;
  #entered: boolean = false;
  #settled: boolean = false;
  #joining: boolean = false;
  #left: boolean = false;
  #memberEventSeen: boolean = false;
  #closed: boolean = false;
  #timer: NodeJS.Timeout | undefined;
  #complainedMs = Number.NEGATIVE_INFINITY;
  #complainedOfPeersMs = Number.NEGATIVE_INFINITY;

  constructor(options: GossipOptions, host: GossipHost) {
    this.#options = options;
    this.#host = host;
    this.#keys = options.keys;
    this.#rejoin = createRejoin(canonical(options.bindAddress));
    host.onMembers('joining');
  }

  /** Why this speaker takes part in no gossip, or `undefined`. */
  get missing(): string | undefined {
    if (!this.#entered) return 'what is to be announced is not known yet, so the gossip was not entered';
    if (this.#keys === undefined) return 'the key of the gossip is not there yet';
    if (this.#memberlist === undefined) return 'the gossip could not be opened yet';
    return this.#settled ? undefined : 'the gossip has not been joined yet';
  }

  get memberlist(): Memberlist | undefined {
    return this.#memberlist;
  }

  /**
   * Enters the gossip, now or after a while; once entered, nothing happens. Who enters is elected by others, and so must
   * know already what it is to announce.
   */
  enter(afterMs: number = 0): void {
    if (this.#entered || this.#left || this.#closed) return;
    clearTimeout(this.#timer);
    if (afterMs > 0) {
      this.#timer = setTimeout(() => this.enter(), afterMs);
      this.#timer.unref();
      return;
    }
    this.#entered = true;
    if (this.#keys !== undefined) void this.#open(this.#keys);
  }

  /** The addresses of all speakers in canonical text, its own among them or not. All that are missing are asked at once. */
  setPeers(addresses: readonly string[]): void {
    this.#rejoin.setPeers(addresses);
    this.#rejoin.hurry();
    this.#peersKnown = true;
    this.#joinMissing();
  }

  /** The mounted Secret has another key now; `undefined`: none, which counts only while the first one is awaited. */
  offerKey(key: Uint8Array | undefined): void {
    if (this.#keys === undefined) {
      this.#keys = key === undefined ? [] : [key];
      if (this.#entered) void this.#open(this.#keys);
      return;
    }
    if (key === undefined) return; // nothing is ever sent in the clear because something was deleted
    const keys = withOfferedKey(this.#keys, key);
    if (keys === undefined) return;
    this.#keys = keys;
    this.#memberlist?.setKeys(keys);
    this.#host.log.info(
      { op: 'memberlist' },
      'the memberlist Secret has changed; its key is accepted, and used once another speaker uses it',
    );
  }

  /** Says goodbye to everybody; questions are answered until `close`. */
  async leave(timeoutMs: number): Promise<void> {
    this.#left = true;
    clearTimeout(this.#timer);
    await this.#memberlist?.leave(timeoutMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#memberlist?.close();
  }

  async #open(keys: Keys): Promise<void> {
    const { bindAddress, bindPort, config, open = openMemberlist } = this.#options;
    const { log, nodeName } = this.#host;
    try {
      const memberlist = await open({
        name: nodeName,
        bindAddress,
        bindPort,
        config,
        keys,
        dialTimeoutMs: DIAL_TIMEOUT_MS,
        onJoin: (member) => this.#onMember('nodeJoin', member),
        onLeave: (member) => this.#onMember('nodeLeave', member),
        onUpdate: (member) => this.#onMember('nodeUpdate', member),
        onRefuted: () => this.#host.onRefuted(),
        onKeyHeard: (index) => this.#onKeyHeard(index),
        onNotice: ({ level, message, fields }) => log[level]({ op: 'memberlist', ...fields }, message),
        onError: (error) =>
          log.error({ op: 'memberlist', error: error.message }, 'the gossip failed to send or to receive'),
      });
      if (this.#closed) {
        await memberlist.close();
        return;
      }
      this.#memberlist = memberlist;
      if (this.#keys !== undefined && this.#keys !== keys) memberlist.setKeys(this.#keys); // changed meanwhile
      log.info({ op: 'memberlist', address: bindAddress, port: bindPort, encrypted: keys.length > 0 }, 'gossip opened');
      this.#joinMissing();
      this.#lookRegularly();
    } catch (error) {
      if (this.#closed) return;
      if (performance.now() - this.#complainedMs >= COMPLAINT_INTERVAL_MS) {
        this.#complainedMs = performance.now();
        const why = error instanceof Error ? error.message : String(error);
        log.error(
          { op: 'memberlist', error: why },
          'the gossip cannot be opened, so this speaker announces nothing; trying again every second',
        );
      }
      this.#timer = setTimeout(() => void this.#open(this.#keys ?? keys), REOPEN_AFTER_MS);
      this.#timer.unref();
    }
  }

  #lookRegularly(): void {
    this.#timer = setTimeout(() => {
      this.#joinMissing();
      this.#lookRegularly();
    }, REJOIN_INTERVAL_MS);
    this.#timer.unref();
  }

  #joinMissing(): void {
    const memberlist = this.#memberlist;
    if (memberlist === undefined || !this.#peersKnown || this.#joining || this.#left || this.#closed) return;
    const present = new Set(living(memberlist).map(({ address }) => formatIpAddress(address)));
    const missing = this.#rejoin.due(present, performance.now());
    if (missing.length === 0) {
      this.#settle();
      return;
    }
    this.#joining = true;
    const settling = setTimeout(() => this.#settle(), SETTLE_AFTER_MS);
    settling.unref();
    void this.#join(memberlist, missing).finally(() => {
      clearTimeout(settling);
      this.#joining = false;
      this.#settle();
    });
  }

  async #join(memberlist: Memberlist, addresses: readonly string[]): Promise<void> {
    const { bindPort } = this.#options;
    const { joined, failures } = await memberlist.join(addresses);
    const pairs = { op: 'memberDiscovery', port: bindPort, joined, failed: failures.length };
    if (failures.length === 0) this.#host.log.info(pairs, 'joined the gossip');
    else {
      const error = failures
        .slice(0, 3)
        .map(({ address, reason }) => `${address}: ${reason}`)
        .join('; ');
      const nowMs = performance.now();
      const isNews = nowMs - this.#complainedOfPeersMs >= COMPLAINT_INTERVAL_MS;
      if (isNews) this.#complainedOfPeersMs = nowMs;
      this.#host.log[isNews ? 'warn' : 'debug']({ ...pairs, error }, 'partial join');
    }
  }

  /** From now on it is known who lives. */
  #settle(): void {
    if (this.#settled || this.#closed) return;
    this.#settled = true;
    this.#tellMembers();
  }

  #onMember(event: string, { node, address }: Member): void {
    if (node !== this.#host.nodeName) {
      this.#host.log.info({ event, node, nodeAddr: formatIpAddress(address) }, 'node event - forcing sync');
    }
    // Many come at once with a push/pull; still in this turn.
    if (this.#memberEventSeen) return;
    this.#memberEventSeen = true;
    queueMicrotask(() => {
      this.#memberEventSeen = false;
      // One push/pull tells of everybody: those who do not answer need not be waited for.
      const others = this.#memberlist !== undefined && living(this.#memberlist).length > 1;
      if (!this.#settled && others) this.#settle();
      else this.#tellMembers();
    });
  }

  #tellMembers(): void {
    if (this.#settled && this.#memberlist !== undefined && !this.#left) {
      this.#host.onMembers(new Set(living(this.#memberlist).map(({ node }) => node)));
    }
  }

  #onKeyHeard(index: number): void {
    const keys = withHeardKey(this.#keys ?? [], index);
    if (keys === undefined) return;
    this.#keys = keys;
    this.#memberlist?.setKeys(keys);
    this.#host.log.info(
      { op: 'memberlist' },
      'another speaker uses the new key of the memberlist Secret, and so does this one now',
    );
  }
}

/** Who counts in an election: MetalLB's, the alive and the suspect. */
function living(memberlist: Memberlist): readonly Member[] {
  return memberlist.members().filter(({ status }) => status === 'alive' || status === 'suspect');
}

function canonical(address: string): string {
  try {
    return formatIpAddress(parseIpAddress(address));
  } catch {
    return address; // cannot be joined, which its failure says
  }
}
