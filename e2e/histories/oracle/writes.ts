import type { Cluster } from '../history/cluster.ts';
import { isServed, mayShare } from '../rules/services.ts';
import type { StatusChange } from '../world/api-server.ts';
import { keyOf, shownBy } from '../world/objects.ts';
import { demand } from './violation.ts';

/** Judges each status that a controller changes, in the moment in which the API server takes it. */
export function judgeWrites(cluster: Cluster): void {
  const { server, byIdentity } = cluster;
  /** Who wrote the status of a Service last, by its uid. */
  const writers = new Map<string, string>();

  /** An address is given only by one who knows what the others of us have given. */
  function judgeGiven({ writer, before, after }: StatusChange): void {
    const given = shownBy(after).filter((ip) => !shownBy(before).includes(ip));
    for (const other of given.length === 0 ? [] : server.services.items.values()) {
      const { uid } = other.metadata;
      const common = given.filter((ip) => shownBy(other).includes(ip));
      const giver = writers.get(uid) ?? writer;
      if (uid === after.metadata.uid || common.length === 0 || giver === writer || !byIdentity.has(giver)) continue;
      const known = byIdentity.get(writer)?.known(keyOf(other));
      const isKnown = known?.metadata.uid === uid && common.every((ip) => shownBy(known).includes(ip));
      demand(
        isKnown || !isServed(other) || mayShare(after, other),
        () => `${writer} gives ${common.join()} to ${keyOf(after)}, not knowing that ${giver} gave it to ${keyOf(other)}`,
      );
    }
  }

  server.onStatusChange = (change) => {
    const { writer, after } = change;
    if (byIdentity.has(writer)) {
      const holder = server.stored.record?.holder;
      demand(holder === writer, () => `${writer} writes to ${keyOf(after)} while ${holder ?? 'nobody'} is the writer`);
      judgeGiven(change);
    }
    writers.set(after.metadata.uid, writer);
  };
}
