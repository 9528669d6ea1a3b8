import type { OrderedPools } from '../converge/pool-order.ts';
import type { Need, Wish } from '../converge/wish.ts';
import { sharingOf } from '../service/service-sharing.ts';
import type { ServiceView } from '../service/service-view.ts';
import { createWaitingLine, type SharingLikeness, type WaitingLine } from './waiting-line.ts';

/** A line that something may help, and what those in it need; undefined where they ask for particular addresses. */
export interface HelpedLine {
  readonly line: WaitingLine;
  readonly need: Need | undefined;
}

/** Everybody who lacks something that an address could mend. */
export interface WaitingRoom {
  readonly size: number;
  /** Replaces whatever the Service waited for. */
  wait(service: ServiceView, wish: Wish): void;
  leave(key: string): void;
  clear(): void;
  /** Changes whenever what a Service waits for does. */
  placeOf(key: string): object | undefined;
  wishOf(key: string): Wish | undefined;
  /** The lines whose members an address of a pool may help. */
  helpedBy(address: string, pool: string, pools: OrderedPools): Iterable<HelpedLine>;
}

interface Place {
  readonly service: ServiceView;
  readonly wish: Wish;
  readonly like: string;
  readonly sharing: SharingLikeness;
  readonly lines: readonly { readonly line: WaitingLine; readonly close: () => void }[];
}

/** Those who wait for an address of the same pools, by what they need. */
interface Group {
  readonly pools: readonly string[];
  readonly lines: Map<Need, WaitingLine>;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

/** Ports and backends matter only to those who share. */
function sharingLikeness(service: ServiceView): SharingLikeness {
  const { sharingKey, backendKey, ports } = sharingOf(service);
  const likeness =
    sharingKey === '' ? '' : JSON.stringify([backendKey, ...ports.map((p) => `${p.protocol}/${p.port}`).sort(byText)]);
  return { sharingKey, likeness };
}

/** Creates an empty room. */
export function createWaitingRoom(): WaitingRoom {
  const places = new Map<string, Place>();
  const byAddress = new Map<string, WaitingLine>();
  const named = new Map<string, Group>();
  /** Those who take what they are given, by the pools that are pinned to them. */
  const free = new Map<string, Group>();
  const pinnedTo = new Map<string, Set<Group>>();
  /** The same list of names comes again and again. */
  const signatures = new WeakMap<readonly string[], string>();

  function signatureOf(names: readonly string[]): string {
    const signature = signatures.get(names) ?? JSON.stringify(names);
    signatures.set(names, signature);
    return signature;
  }

  function addressLine(address: string): Place['lines'][number] {
    const line = byAddress.get(address) ?? createWaitingLine();
    byAddress.set(address, line);
    return { line, close: () => byAddress.delete(address) };
  }

  function lineOf(group: Group, need: Need, close: () => void): Place['lines'][number] {
    const line = group.lines.get(need) ?? createWaitingLine();
    group.lines.set(need, line);
    return {
      line,
      close() {
        group.lines.delete(need);
        if (group.lines.size === 0) {
          close();
        }
      },
    };
  }

  function namedGroup(pool: string): Group {
    const group = named.get(pool) ?? { pools: [pool], lines: new Map() };
    named.set(pool, group);
    return group;
  }

  function freeGroup(pinned: readonly string[], signature: string): Group {
    let group = free.get(signature);
    if (group === undefined) {
      group = { pools: pinned, lines: new Map() };
      free.set(signature, group);
      for (const pool of pinned) {
        const groups = pinnedTo.get(pool) ?? new Set();
        pinnedTo.set(pool, groups);
        groups.add(group);
      }
    }
    return group;
  }

  function closeFree(group: Group, signature: string): void {
    free.delete(signature);
    for (const pool of group.pools) {
      const groups = pinnedTo.get(pool);
      groups?.delete(group);
      if (groups?.size === 0) {
        pinnedTo.delete(pool);
      }
    }
  }

  function linesFor(wish: Wish): Place['lines'] {
    switch (wish.kind) {
      case 'addresses':
        return wish.addresses.map(addressLine);
      case 'pool':
        return [lineOf(namedGroup(wish.pool), wish.need, () => named.delete(wish.pool))];
      case 'any': {
        const signature = signatureOf(wish.pinned);
        const group = freeGroup(wish.pinned, signature);
        return [lineOf(group, wish.need, () => closeFree(group, signature))];
      }
    }
  }

  function describe(wish: Wish): string {
    switch (wish.kind) {
      case 'addresses':
        return `addresses ${wish.addresses.join()}`;
      case 'pool':
        return `pool ${wish.need} ${wish.pool}`;
      case 'any':
        return `any ${wish.need} ${signatureOf(wish.pinned)}`;
    }
  }

  function leave(key: string): void {
    const place = places.get(key);
    if (place === undefined) {
      return;
    }
    places.delete(key);
    for (const { line, close } of place.lines) {
      line.delete(place.service, place.sharing);
      if (line.services.length === 0) {
        close();
      }
    }
  }

  return {
    get size() {
      return places.size;
    },
    wait(service, wish) {
      const wanted = describe(wish);
      const likeness = sharingLikeness(service);
      // Who asks for an address can be helped together with those who ask for the same ones.
      const sharing =
        wish.kind === 'addresses' ? { ...likeness, likeness: `${wanted} ${likeness.likeness}` } : likeness;
      const like = `${wanted} ${sharing.sharingKey.length} ${sharing.sharingKey} ${sharing.likeness}`;
      if (places.get(service.key)?.like === like) {
        return;
      }
      leave(service.key);
      const lines = linesFor(wish);
      for (const { line } of lines) {
        line.add(service, sharing);
      }
      places.set(service.key, { service, wish, like, sharing, lines });
    },
    leave,
    clear() {
      for (const key of [...places.keys()]) {
        leave(key);
      }
    },
    placeOf: (key) => places.get(key),
    wishOf: (key) => places.get(key)?.wish,
    *helpedBy(address, pool, pools) {
      const asked = byAddress.get(address);
      if (asked !== undefined) {
        yield { line: asked, need: undefined };
      }
      const found = pools.byName.get(pool);
      const general = found?.autoAssign === true && found.serviceAllocation === undefined;
      const groups = [named.get(pool), ...(general ? free.values() : (pinnedTo.get(pool) ?? []))];
      for (const group of groups) {
        for (const [need, line] of group?.lines ?? []) {
          yield { line, need };
        }
      }
    },
  };
}
