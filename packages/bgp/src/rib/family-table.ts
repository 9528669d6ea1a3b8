import { type AddressFamily, afiSafiOf } from '../messages/address-family.ts';
import { encodeRouteRefresh, ROUTE_REFRESH_SUBTYPE } from '../messages/route-refresh.ts';
import type { Nlri } from '../update/encode/nlri.ts';
import { createSessionForms, type SessionForms, type UpdateForm } from '../update/encode/session-forms.ts';
import { endOfRib } from '../update/encode/update-layout.ts';
import type { AdvertisementContext, RouteAttributes } from '../update/route.ts';
import { type AdjRoute, isAnnounced, isDue, type SentState } from './adj-route.ts';
import { type AttributeSet, createAttributeSets } from './attribute-sets.ts';
import { dequeue, enqueue, type LinkedQueue } from './linked-queue.ts';
import { createReasonCounts, type ReasonCounts } from './reason-counts.ts';
import { createSyncRounds } from './sync-rounds.ts';

const SUBTYPE = {
  BoRR: ROUTE_REFRESH_SUBTYPE.beginningOfRouteRefresh,
  EoRR: ROUTE_REFRESH_SUBTYPE.endOfRouteRefresh,
} as const;

/** The part of an Adj-RIB-Out that one family has. */
export interface FamilyTable {
  want(nlri: Nlri, attributes: RouteAttributes): void;
  unwant(nlri: Nlri): void;
  /** Wanted is nothing but these. */
  wantOnly(routes: ReadonlyMap<Nlri, RouteAttributes>): void;
  begin(context: AdvertisementContext): void;
  end(): void;
  refresh(enhanced: boolean): void;
  takeWithdrawal(): Uint8Array | undefined;
  /** An announcement, or a marker before or after them. */
  takeAnnouncement(): Uint8Array | undefined;
  /** Lets other attributes go first next time: a queue that is always refilled delays nobody. */
  yieldTurn(): void;
  readonly pending: boolean;
  readonly counts: { readonly wanted: number; readonly announced: number; readonly pending: number };
  readonly unsendable: ReasonCounts;
}

/**
 * An empty table.
 *
 * A route waits in the queue of its wanted attributes, in the queue of withdrawals, or in none; which one follows from
 * what is wanted and what was sent. So every change is: out of its queue, changed, into its queue.
 */
export function createFamilyTable(family: AddressFamily): FamilyTable {
  const routes = new Map<Nlri, AdjRoute>();
  const sets = createAttributeSets();
  const rounds = createSyncRounds({ due: () => due, startRefresh });
  const unsendable = createReasonCounts();
  const withdrawals: LinkedQueue<AdjRoute> = { first: undefined, last: undefined };
  /** Attributes with a queue that is not empty. */
  const groups: LinkedQueue<AttributeSet> = { first: undefined, last: undefined };
  let session: { readonly context: AdvertisementContext; readonly forms: SessionForms } | undefined;
  /** Of the attributes that were taken last: they often have more than a message. */
  let last: { readonly set: AttributeSet; readonly form: UpdateForm } | undefined;
  const counts = { wanted: 0, announced: 0, pending: 0 };
  let due = 0;

  function becauseOf(set: AttributeSet, forms: SessionForms): string | undefined {
    if (set.because === null) set.because = forms.unsendableBecause(set.attributes);
    return set.because;
  }

  function isGroup(queue: LinkedQueue<AdjRoute>): queue is AttributeSet {
    return queue !== withdrawals;
  }

  /** The queue in which a route belongs. */
  function queueOf(route: AdjRoute): LinkedQueue<AdjRoute> | undefined {
    if (session === undefined) return undefined;
    const { wanted, sent } = route;
    if (wanted !== undefined && becauseOf(wanted, session.forms) === undefined) {
      return sent === wanted ? undefined : wanted;
    }
    return isAnnounced(sent) ? withdrawals : undefined;
  }

  function leaveQueue(route: AdjRoute): void {
    const queue = queueOf(route);
    if (queue === undefined) return;
    dequeue(queue, route);
    counts.pending -= 1;
    if (isGroup(queue) && queue.first === undefined) dequeue(groups, queue);
  }

  function joinQueue(route: AdjRoute): void {
    const queue = queueOf(route);
    if (queue === undefined) return;
    if (isGroup(queue) && queue.first === undefined) enqueue(groups, queue);
    enqueue(queue, route);
    counts.pending += 1;
  }

  function setSent(route: AdjRoute, sent: SentState): void {
    const before = route.sent;
    route.sent = sent;
    counts.announced += Number(isAnnounced(sent)) - Number(isAnnounced(before));
    due += Number(isDue(sent)) - Number(isDue(before));
    if (typeof sent === 'object') sets.retain(sent);
    if (typeof before === 'object') sets.release(before);
  }

  function setWanted(route: AdjRoute, wanted: AttributeSet | undefined): void {
    const before = route.wanted;
    route.wanted = wanted;
    counts.wanted += Number(wanted !== undefined) - Number(before !== undefined);
    if (wanted !== undefined) sets.retain(wanted);
    if (before === undefined) return;
    if (session !== undefined) unsendable.remove(becauseOf(before, session.forms));
    sets.release(before);
  }

  /** Into its queue, after what is wanted has changed, or the session has begun. */
  function settle(route: AdjRoute): void {
    const { wanted, sent } = route;
    if (session !== undefined && wanted !== undefined) {
      const because = becauseOf(wanted, session.forms);
      unsendable.add(because);
      if (because !== undefined && sent === 'initial') setSent(route, undefined);
      // LOCAL_PREF does not reach external peers: to them nothing has changed.
      const unseen = !session.context.internal && typeof sent === 'object' && sent.key.external === wanted.key.external;
      if (unseen) setSent(route, wanted);
    }
    joinQueue(route);
    if (wanted === undefined && !isAnnounced(route.sent)) forget(route);
  }

  function forget(route: AdjRoute): void {
    setSent(route, undefined);
    routes.delete(route.nlri);
  }

  function change(route: AdjRoute, wanted: AttributeSet | undefined): void {
    if (route.wanted === wanted) return;
    leaveQueue(route);
    setWanted(route, wanted);
    settle(route);
  }

  function startRefresh(): void {
    for (const route of routes.values()) {
      if (typeof route.sent !== 'object' || queueOf(route) === withdrawals) continue;
      leaveQueue(route);
      setSent(route, 'stale');
      joinQueue(route);
    }
  }

  /** The marker that is due. */
  function takeMarker(): Uint8Array | undefined {
    const marker = rounds.takeMarker();
    if (marker === undefined) return undefined;
    if (marker === 'End-of-RIB') return endOfRib(family);
    return encodeRouteRefresh({ ...afiSafiOf(family), subtype: SUBTYPE[marker] });
  }

  function formOf(set: AttributeSet, forms: SessionForms): UpdateForm {
    if (last?.set !== set) last = { set, form: forms.announcement(set.attributes) };
    return last.form;
  }

  /** Takes from the front of a queue what fits into a message. */
  function takeNlris(queue: LinkedQueue<AdjRoute>, octets: number, sent: AttributeSet | undefined): Nlri[] {
    const nlris: Nlri[] = [];
    let room = octets;
    for (let route = queue.first; route !== undefined && route.nlri.length <= room; route = queue.first) {
      room -= route.nlri.length;
      nlris.push(route.nlri);
      leaveQueue(route);
      setSent(route, sent);
      if (route.wanted === undefined) forget(route);
    }
    rounds.close();
    return nlris;
  }

  const table: FamilyTable = {
    want(nlri, attributes) {
      let route = routes.get(nlri);
      if (route === undefined) {
        route = { nlri, wanted: undefined, sent: undefined, previous: undefined, next: undefined };
        routes.set(nlri, route);
        if (rounds.initial) setSent(route, 'initial');
      }
      change(route, sets.find(attributes));
    },
    unwant(nlri) {
      const route = routes.get(nlri);
      if (route !== undefined) change(route, undefined);
    },
    wantOnly(wanted) {
      for (const route of routes.values()) if (!wanted.has(route.nlri)) change(route, undefined);
      for (const [nlri, attributes] of wanted) table.want(nlri, attributes);
    },
    begin(context) {
      const forms = createSessionForms(family, context);
      table.end();
      session = { context, forms };
      if (context.families.includes(family)) rounds.begin();
      for (const route of routes.values()) {
        setSent(route, 'initial');
        settle(route);
      }
    },
    end() {
      session = undefined;
      last = undefined;
      rounds.end();
      unsendable.clear();
      for (const queue of [withdrawals, groups, ...sets]) {
        queue.first = undefined;
        queue.last = undefined;
      }
      for (const set of sets) {
        set.because = null;
        set.previous = undefined;
        set.next = undefined;
      }
      for (const route of routes.values()) {
        route.previous = undefined;
        route.next = undefined;
        setSent(route, undefined);
        if (route.wanted === undefined) forget(route);
      }
      counts.pending = 0;
    },
    refresh(enhanced) {
      if (session?.context.families.includes(family) === true) rounds.request(enhanced);
    },
    takeWithdrawal() {
      if (session === undefined || withdrawals.first === undefined) return undefined;
      const { nlriOctets, encode } = session.forms.withdrawal;
      return encode(takeNlris(withdrawals, nlriOctets, undefined));
    },
    takeAnnouncement() {
      if (session === undefined) return undefined;
      const marker = takeMarker();
      const set = groups.first;
      if (marker !== undefined || set === undefined) return marker;
      rounds.touch();
      const { nlriOctets, encode } = formOf(set, session.forms);
      return encode(takeNlris(set, nlriOctets, set));
    },
    yieldTurn() {
      const set = groups.first;
      if (set === undefined) return;
      dequeue(groups, set);
      enqueue(groups, set);
    },
    get pending() {
      return counts.pending > 0 || rounds.markerAwaited;
    },
    get counts() {
      return session === undefined ? { ...counts, pending: counts.wanted } : { ...counts };
    },
    unsendable,
  };
  return table;
}
