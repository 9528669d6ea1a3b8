import { addressFamilyOf } from '../../src/messages/address-family.ts';
import { decodeMessage } from '../../src/messages/decode-message.ts';
import type { RouteRefreshMessage } from '../../src/messages/message.ts';
import type { SessionContext } from '../../src/messages/session-context.ts';
import type { UpdateMessage } from '../../src/update/update-message.ts';

/** What a router that takes every message knows. */
export interface Router {
  /** Its table: prefixes, and the octets of their attributes with the next hop. */
  readonly table: ReadonlyMap<string, string>;
  /** End-of-RIB, BoRR and EoRR in their order, with the family. */
  readonly markers: readonly string[];
  /** Prefixes that the last message withdrew or announced. */
  readonly told: readonly string[];
  receive(octets: Uint8Array): void;
}

/** A router at the other end of a new session. It throws for a message that has anything wrong with it. */
export function createRouter(context: SessionContext): Router {
  const table = new Map<string, string>();
  /** RFC 7313, section 4: what the peer had when its refresh began, and has not been told since. */
  const stale = new Map<number, Set<string>>();
  const markers: string[] = [];
  let told: string[] = [];

  function receiveUpdate(update: UpdateMessage): void {
    if (update.failures.length > 0) throw new Error(update.failures.map(({ message }) => message).join('; '));
    if (update.endOfRib !== undefined) markers.push(`EoR ${addressFamilyOf(update.endOfRib)}`);
    for (const { prefixes } of update.withdrawn) {
      for (const prefix of prefixes) {
        if (!table.delete(prefix)) throw new Error(`${prefix} is withdrawn, and was never announced`);
        told.push(prefix);
      }
    }
    for (const { afi, prefixes, nextHop } of update.announced) {
      const attributes = update.attributes
        .filter(({ code }) => code !== 14)
        .map(({ code, value }) => `${code}:${Buffer.from(value).toString('hex')}`)
        .concat(Buffer.from(nextHop ?? []).toString('hex'))
        .join(' ');
      for (const prefix of prefixes) {
        const refreshed = stale.get(afi)?.delete(prefix) === true;
        if (!refreshed && table.get(prefix) === attributes) throw new Error(`${prefix} is announced as it was`);
        table.set(prefix, attributes);
        told.push(prefix);
      }
    }
  }

  function receiveMarker({ afi, safi, subtype }: RouteRefreshMessage): void {
    markers.push(`${subtype === 1 ? 'BoRR' : 'EoRR'} ${addressFamilyOf({ afi, safi })}`);
    if (subtype === 1) {
      const ofFamily = [...table.keys()].filter((prefix) => prefix.includes(':') === (afi === 2));
      stale.set(afi, new Set(ofFamily));
    } else {
      const left = stale.get(afi);
      if (left === undefined) throw new Error('EoRR without BoRR');
      if ([...left].some((prefix) => table.has(prefix))) throw new Error(`EoRR, and missing: ${[...left].join(' ')}`);
      stale.delete(afi);
    }
  }

  return {
    table,
    markers,
    get told() {
      return told;
    },
    receive(octets) {
      told = [];
      const decoded = decodeMessage(octets, context);
      if (!decoded.ok) throw new Error(decoded.failure.message);
      if (decoded.value.type === 'update') receiveUpdate(decoded.value);
      else if (decoded.value.type === 'route-refresh') receiveMarker(decoded.value);
      else throw new Error(`unexpected: ${decoded.value.type}`);
    },
  };
}
