import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { communityOf, prefixOf } from '../prefixes.ts';
import type { SenderKind, SenderOptions } from './sender.ts';

const LOADED_TIMEOUT_MS = 120_000;

/** ExaBGP with static routes in its configuration, and no program beside it. */
export const EXABGP: SenderKind = {
  name: 'exabgp',
  profiles: ['same', 'unique'],
  async start(namespace, options) {
    const folder = mkdtempSync(join(tmpdir(), 'bgp-exabgp-'));
    const file = join(folder, 'exabgp.conf');
    writeFileSync(file, configuration(options));
    const exabgp = namespace.spawn('exabgp', [file], {
      name: 'exabgp',
      // A shell passes no names with dots on.
      env: {
        exabgp_daemon_user: 'root',
        exabgp_daemon_drop: 'false',
        exabgp_log_destination: 'stdout',
        exabgp_log_level: 'INFO',
        exabgp_api_cli: 'false',
      },
    });
    await exabgp.waitForLine(/loaded new configuration successfully/, LOADED_TIMEOUT_MS);
    return {
      pid: exabgp.pid,
      add: undefined,
      remove: undefined,
      async [Symbol.asyncDispose]() {
        await exabgp.stop(1_000);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

function configuration({ asn, address, peers, count, profile, holdTimeSeconds }: SenderOptions): string {
  const route = (number: number): string => {
    const community = profile === 'same' ? '' : ` community [ ${communityOf(number).join(':')} ]`;
    return `    route ${prefixOf(number)} next-hop ${address}${community};`;
  };
  const routes = Array.from({ length: count }, (_, number) => route(number));
  const neighbor = (peer: { readonly address: string; readonly asn: number }): string[] => [
    `neighbor ${peer.address} {`,
    `  router-id ${address};`,
    `  local-address ${address};`,
    `  local-as ${asn};`,
    `  peer-as ${peer.asn};`,
    `  hold-time ${holdTimeSeconds};`,
    '  family { ipv4 unicast; }',
    '  static {',
    ...routes,
    '  }',
    '}',
  ];
  return `${peers.flatMap(neighbor).join('\n')}\n`;
}
