import type { AddressFamily } from '../messages/address-family.ts';
import { attributesKey } from '../update/encode/attributes-key.ts';
import { type Nlri, type ParsedPrefix, parsePrefix } from '../update/encode/nlri.ts';
import type { Route, RouteAttributes } from '../update/route.ts';
import { createFamilyTable, type FamilyTable } from './family-table.ts';
import type { AdjRibOut } from './vocabulary.ts';

/** Routes without attributes of their own have these in common. */
const NO_ATTRIBUTES: RouteAttributes = {};

type WantedRoutes = Record<AddressFamily, Map<Nlri, RouteAttributes>>;

/** Reads all routes before anything changes; of two with the same prefix the last counts. */
function readRoutes(routes: Iterable<Route>): WantedRoutes {
  const wanted: WantedRoutes = { 'ipv4-unicast': new Map(), 'ipv6-unicast': new Map() };
  for (const { prefix, attributes = NO_ATTRIBUTES } of routes) {
    const { family, nlri } = parsePrefix(prefix);
    attributesKey(attributes);
    wanted[family].set(nlri, attributes);
  }
  return wanted;
}

/**
 * RFC 4271, section 3.2: what one peer is to be told, and what it has been told.
 *
 * A change costs the same however many routes there are. Attributes are taken as they are when they come first: an
 * object that was handed in must not change any more.
 */
export function createAdjRibOut(): AdjRibOut {
  const tables: Readonly<Record<AddressFamily, FamilyTable>> = {
    'ipv4-unicast': createFamilyTable('ipv4-unicast'),
    'ipv6-unicast': createFamilyTable('ipv6-unicast'),
  };
  /** In the order of their turns. */
  let turns: readonly FamilyTable[] = [tables['ipv4-unicast'], tables['ipv6-unicast']];

  function next(): Uint8Array | undefined {
    for (const table of turns) {
      const message = table.takeWithdrawal();
      if (message !== undefined) return message;
    }
    for (const table of turns) {
      const message = table.takeAnnouncement();
      if (message !== undefined) return message;
    }
    return undefined;
  }

  const sum = (of: (table: FamilyTable) => number): number => turns.reduce((total, table) => total + of(table), 0);

  const rib: AdjRibOut = {
    set(routes) {
      const wanted = readRoutes(routes);
      tables['ipv4-unicast'].wantOnly(wanted['ipv4-unicast']);
      tables['ipv6-unicast'].wantOnly(wanted['ipv6-unicast']);
    },
    patch({ add = [], remove = [] }) {
      const removed: readonly ParsedPrefix[] = Array.from(remove, parsePrefix);
      const added = readRoutes(add);
      for (const { family, nlri } of removed) if (!added[family].has(nlri)) tables[family].unwant(nlri);
      for (const family of ['ipv4-unicast', 'ipv6-unicast'] as const) {
        for (const [nlri, attributes] of added[family]) tables[family].want(nlri, attributes);
      }
    },
    begin(context) {
      for (const table of turns) table.begin(context);
    },
    end() {
      for (const table of turns) table.end();
    },
    refresh(family, enhanced) {
      tables[family].refresh(enhanced);
    },
    take(maxOctets) {
      const messages: Uint8Array[] = [];
      let octets = 0;
      for (let message = next(); message !== undefined; message = next()) {
        messages.push(message);
        octets += message.length;
        if (octets >= maxOctets) break;
      }
      if (rib.pending) {
        for (const table of turns) table.yieldTurn();
        turns = [...turns].reverse();
      }
      return messages;
    },
    get pending() {
      return turns.some((table) => table.pending);
    },
    get counts() {
      return {
        wanted: sum((table) => table.counts.wanted),
        announced: sum((table) => table.counts.announced),
        pending: sum((table) => table.counts.pending),
      };
    },
    get unsendable() {
      return {
        count: sum((table) => table.unsendable.count),
        because: turns.find((table) => table.unsendable.because !== undefined)?.unsendable.because,
      };
    },
  };
  return rib;
}
