import type { AddressFamily } from '../../messages/address-family.ts';
import { createAdjRibOut } from '../../rib/adj-rib-out.ts';
import type { AdjRibOut, RoutePatch } from '../../rib/vocabulary.ts';
import type { AdvertisementContext, Route } from '../../update/route.ts';
import type { Clock } from '../clock.ts';
import type { PeerCounters } from './counters.ts';
import type { SendQueue } from './send-queue.ts';
import { WheneverSent } from './whenever-sent.ts';

/** Octets of UPDATEs in one write. */
const SLICE_OCTETS = 256 * 1024;
/** To a peer that takes slowly: it makes progress that can be seen. */
const SLOW_SLICE_OCTETS = 32 * 1024;
/** A peer that asks for everything again more often than this waits, for the second answer would be that of the first. */
const MIN_REFRESH_INTERVAL_MS = 1_000;

/** What the sender needs of its peer. */
export interface RouteSenderHost {
  /** There is another time to be woken at. */
  rearm(): void;
  /** Something that must not happen did. */
  crashed(error: unknown): void;
}

interface Session {
  readonly queue: SendQueue;
  readonly enhanced: boolean;
  /** The queue calls when it has room again. */
  awaitsRoom: boolean;
}

/** Sends what a peer is to be told, as fast as its connection takes it. */
export class RouteSender {
  readonly #clock: Clock;
  readonly #counters: PeerCounters;
  readonly #host: RouteSenderHost;
  readonly #rib: AdjRibOut = createAdjRibOut();
  readonly #sent: WheneverSent = new WheneverSent();
  readonly #refreshWanted = new Set<AddressFamily>();
  readonly #refreshedAtMs = new Map<AddressFamily, number>();
  #session: Session | undefined;
  #scheduled: boolean = false;

  constructor(clock: Clock, counters: PeerCounters, host: RouteSenderHost) {
    this.#clock = clock;
    this.#counters = counters;
    this.#host = host;
  }

  get rib(): Pick<AdjRibOut, 'counts' | 'unsendable' | 'pending'> {
    return this.#rib;
  }

  set(routes: Iterable<Route>): Promise<void> {
    this.#rib.set(routes);
    return this.#changed();
  }

  patch(patch: RoutePatch): Promise<void> {
    this.#rib.patch(patch);
    return this.#changed();
  }

  begin(queue: SendQueue, context: AdvertisementContext, enhanced: boolean): void {
    this.#rib.begin(context);
    this.#session = { queue, enhanced, awaitsRoom: false };
    this.#schedule();
  }

  end(): void {
    if (this.#session === undefined) return;
    this.#session = undefined;
    this.#refreshWanted.clear();
    this.#refreshedAtMs.clear();
    this.#rib.end();
  }

  /** RFC 2918: the peer asks for all of a family. */
  refresh(family: AddressFamily): void {
    if (this.#session === undefined) return;
    this.#refreshWanted.add(family);
    this.#schedule();
  }

  /** When a refresh that waits is due. */
  get wakeAtMs(): number | undefined {
    if (this.#session === undefined || this.#rib.pending) return undefined;
    const times = [...this.#refreshWanted].map((family) => this.#refreshDueAtMs(family));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  wake(): void {
    if (this.#refreshWanted.size > 0) this.#schedule();
  }

  /** The peer is forgotten. */
  close(reason: Error): void {
    this.end();
    this.#sent.fail(reason);
  }

  #changed(): Promise<void> {
    const promise = this.#sent.promise();
    this.#schedule();
    return promise;
  }

  #schedule(): void {
    if (this.#scheduled || this.#session === undefined) return;
    this.#scheduled = true;
    this.#clock.callSoon(() => {
      this.#scheduled = false;
      try {
        if (this.#session !== undefined) this.#slice(this.#session);
      } catch (error) {
        this.#host.crashed(error);
      }
    });
  }

  #slice(session: Session): void {
    const { queue } = session;
    if (session.awaitsRoom) return;
    if (queue.backlogOctets >= SLICE_OCTETS || queue.blocked) {
      this.#goOnWithRoom(session);
      return;
    }
    this.#refreshNow(session);
    const messages = this.#rib.take(queue.slow ? SLOW_SLICE_OCTETS : SLICE_OCTETS);
    for (const message of messages) {
      this.#counters.routesSent(message);
      queue.add(message);
    }
    if (this.#rib.pending) {
      queue.flush();
      this.#goOnWithRoom(session);
    } else if (this.#sent.awaited) {
      const accepted = this.#sent.given();
      queue.flush();
      queue.whenAccepted(() => {
        if (this.#session === session) accepted();
      });
    } else queue.flush();
    if (this.#refreshWanted.size > 0) this.#host.rearm();
  }

  #goOnWithRoom(session: Session): void {
    session.awaitsRoom = true;
    session.queue.whenAccepted(() => {
      session.awaitsRoom = false;
      if (this.#session === session) this.#schedule();
    });
  }

  /** One after another: what is still to be sent answers any request that came meanwhile. */
  #refreshNow({ enhanced }: Session): void {
    if (this.#rib.pending) return;
    const nowMs = this.#clock.nowMs();
    for (const family of this.#refreshWanted) {
      if (this.#refreshDueAtMs(family) > nowMs) continue;
      this.#refreshWanted.delete(family);
      this.#refreshedAtMs.set(family, nowMs);
      this.#rib.refresh(family, enhanced);
    }
  }

  #refreshDueAtMs(family: AddressFamily): number {
    return (this.#refreshedAtMs.get(family) ?? Number.NEGATIVE_INFINITY) + MIN_REFRESH_INTERVAL_MS;
  }
}
