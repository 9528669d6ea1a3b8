import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGobgp, waitUntil } from '@steelyard/testkit';
import { mrtTable } from '../mrt.ts';
import type { SenderKind } from './sender.ts';

/** GoBGP 3.10 loses some hundred routes at the end of a table. */
const PADDING = 2_000;
const LOADED = { timeoutMs: 60_000, intervalMs: 500 };

/** GoBGP with a table that it has read from a file. A new route is told by its command line, a process for each. */
export const GOBGP: SenderKind = {
  name: 'gobgp',
  profiles: ['same', 'unique'],
  async start(namespace, { asn, address, peers, count, profile, holdTimeSeconds }) {
    const folder = mkdtempSync(join(tmpdir(), 'bgp-gobgp-'));
    const daemon = await startGobgp(namespace, {
      asn,
      routerId: address,
      neighbors: peers.map((peer) => ({ ...peer, passive: false })),
      holdTimeSeconds,
    });
    if (count > 0) {
      const file = join(folder, 'table.mrt');
      writeFileSync(file, mrtTable(count, profile, address, PADDING));
      await daemon.command('mrt', 'inject', 'global', file);
      await waitUntil(`GoBGP to have ${count} routes`, async () => (await daemon.routeCount()) === count, LOADED);
    }
    return {
      pid: daemon.process.pid,
      async add(prefix) {
        await daemon.command('global', 'rib', 'add', prefix);
      },
      remove: undefined,
      async [Symbol.asyncDispose]() {
        await daemon.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};
