import type { Cluster } from '../history/cluster.ts';
import { keyOf } from '../world/objects.ts';
import { demand } from './violation.ts';

/** Judges each status that one of our controllers changes, in the moment in which the API server takes it. */
export function judgeWrites({ server, byIdentity }: Cluster): void {
  /** Who of ours wrote the status of a Service last, and the version that he made, by its uid. */
  const written = new Map<string, { readonly writer: string; readonly version: number }>();

  /** Who takes over has seen all that the one before has given, before he gives anything himself. */
  function judgeKnowledge(writer: string): void {
    for (const service of server.services.items.values()) {
      const last = written.get(service.metadata.uid);
      if (last === undefined || last.writer === writer) continue;
      const known = byIdentity.get(writer)?.known(keyOf(service));
      const isSeen =
        known?.metadata.uid === service.metadata.uid && Number(known.metadata.resourceVersion) >= last.version;
      demand(isSeen, () => `${writer} writes, and has not seen what ${last.writer} wrote to ${keyOf(service)}`);
    }
  }

  server.onStatusChange = ({ writer, after }) => {
    const { uid } = after.metadata;
    if (!byIdentity.has(writer)) {
      written.delete(uid);
      return;
    }
    const holder = server.stored.record?.holder;
    demand(holder === writer, () => `${writer} writes to ${keyOf(after)} while ${holder ?? 'nobody'} is the writer`);
    judgeKnowledge(writer);
    written.set(uid, { writer, version: server.version + 1 });
  };
}
