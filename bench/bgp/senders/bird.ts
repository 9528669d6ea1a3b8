import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBird } from '@steelyard/testkit';
import { openBirdSocket } from '../control-socket.ts';
import { communityOf, type Profile, prefixesOf, prefixOf } from '../prefixes.ts';
import type { SenderKind } from './sender.ts';

/** BIRD with static routes. A new one is told as an operator tells it: a line in a file that it includes, and `configure`. */
export const BIRD: SenderKind = {
  name: 'bird',
  profiles: ['same', 'unique'],
  async start(namespace, { asn, address, peers, count, profile, holdTimeSeconds }) {
    const folder = mkdtempSync(join(tmpdir(), 'bgp-bird-'));
    const more = join(folder, 'more.conf');
    const added = new Set<string>();
    const write = (): void => writeFileSync(more, [...added].map((prefix) => `route ${prefix} blackhole;\n`).join(''));
    write();
    let kept = prefixesOf(0, count);
    writeFileSync(join(folder, 'routes.conf'), routeLines(count, profile));
    const daemon = await startBird(namespace, {
      asn,
      routerId: address,
      neighbors: peers.map((peer) => ({ ...peer, passive: false })),
      holdTimeSeconds,
      extra: [
        'protocol static {',
        '  ipv4;',
        `  include "${join(folder, 'routes.conf')}";`,
        `  include "${more}";`,
        '}',
      ],
    });
    const socket = await openBirdSocket(daemon.process.pid);
    return {
      pid: daemon.process.pid,
      async add(prefix) {
        added.add(prefix);
        write();
        await socket.ask('configure');
      },
      async remove(prefixes) {
        const gone = new Set(prefixes);
        kept = kept.filter((prefix) => !gone.has(prefix));
        for (const prefix of gone) added.delete(prefix);
        writeFileSync(join(folder, 'routes.conf'), kept.map((prefix) => `route ${prefix} blackhole;\n`).join(''));
        write();
        await socket.ask('configure');
      },
      async [Symbol.asyncDispose]() {
        socket[Symbol.dispose]();
        await daemon.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

function routeLines(count: number, profile: Profile): string {
  const line = (number: number): string => {
    const own = profile === 'same' ? ';' : ` { bgp_community.add((${communityOf(number).join(',')})); };`;
    return `route ${prefixOf(number)} blackhole${own}\n`;
  };
  return Array.from({ length: count }, (_, number) => line(number)).join('');
}
