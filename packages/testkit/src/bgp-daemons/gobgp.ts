import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Namespace } from '../lab/index.ts';
import { waitUntil } from '../wait-until.ts';
import { type BgpDaemon, type DaemonDescription, type DaemonNeighbor, familiesOf } from './daemon.ts';
import { type GobgpNeighbor, type GobgpTable, gobgpNeighborView, gobgpPathView } from './gobgp-answers.ts';

export interface GobgpOptions extends DaemonDescription {
  /** Default 179. -1: takes no connections. */
  readonly port?: number;
}

/** Its command line prints all of a table. */
const SHOW_TIMEOUT_MS = 60_000;

/**
 * Starts GoBGP's daemon in a namespace. Its API is a socket in the file system, so that any number may run.
 *
 * After a session has ended, or was reset, GoBGP 3.10 takes no connection of that peer for 5 or 30 seconds
 * (`idle-hold-time-after-reset` of a file is lost on the way to its own API).
 */
export async function startGobgp(namespace: Namespace, options: GobgpOptions): Promise<BgpDaemon> {
  const directory = mkdtempSync(join(tmpdir(), 'gobgp-'));
  const configuration = join(directory, 'gobgpd.toml');
  const api = `unix://${join(directory, 'gobgp.sock')}`;
  writeFileSync(configuration, gobgpConfiguration(options));
  const gobgpd = namespace.spawn(
    'gobgpd',
    ['-f', configuration, '--api-hosts', api, '--pprof-disable', '--log-plain', '--cpus', '1'],
    {
      name: `${namespace.name}: gobgpd`,
      ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    },
  );
  const command: BgpDaemon['command'] = async (...words) => {
    const { stdout } = await namespace.run('gobgp', ['--target', api, ...words], { timeoutMs: SHOW_TIMEOUT_MS });
    return stdout;
  };
  const stop = async (): Promise<void> => {
    await gobgpd.stop(3_000);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await waitUntil('gobgpd to answer', async () => {
      if (gobgpd.end !== undefined) return true;
      const known = JSON.parse(await command('neighbor', '-j')) as readonly unknown[] | null;
      return (known?.length ?? 0) >= options.neighbors.length;
    });
    if (gobgpd.end !== undefined) throw new Error('it has ended');
  } catch (error) {
    await stop();
    throw new Error(`gobgpd did not start:\n${gobgpd.lines.slice(-20).join('\n')}`, { cause: error });
  }
  return {
    kind: 'gobgp',
    process: gobgpd,
    command,
    async neighbor(address) {
      return gobgpNeighborView(JSON.parse(await command('neighbor', address, '-j')) as GobgpNeighbor);
    },
    async routes(family = 'ipv4') {
      const said = await command('global', 'rib', '-a', family, '-j');
      const table = (said.trim() === '' ? {} : JSON.parse(said)) as GobgpTable;
      return new Map(Object.entries(table).map(([prefix, paths]) => [prefix, paths.map(gobgpPathView)]));
    },
    async routeCount(family = 'ipv4') {
      const said = await command('global', 'rib', 'summary', '-a', family);
      return Number(/Destination: (\d+)/.exec(said)?.[1] ?? 0);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The configuration of gobgpd, in TOML. */
export function gobgpConfiguration(options: GobgpOptions): string {
  return `${[
    '[global.config]',
    `as = ${options.asn}`,
    `router-id = "${options.routerId}"`,
    `port = ${options.port ?? 179}`,
    ...options.neighbors.flatMap((neighbor) => neighborLines(neighbor, options)),
    ...(options.extra ?? []),
  ].join('\n')}\n`;
}

function neighborLines(neighbor: DaemonNeighbor, options: GobgpOptions): string[] {
  const { address, md5Password, gtsmHops, multihop, port, sourceAddress, maxPrefixes, extra = [] } = neighbor;
  const { holdTimeSeconds = 9 } = options;
  const section = (name: string, ...lines: readonly string[]): string[] => [`[neighbors.${name}]`, ...lines];
  return [
    '[[neighbors]]',
    ...section(
      'config',
      `neighbor-address = "${address}"`,
      `peer-as = ${asnOf(neighbor, options)}`,
      ...(md5Password === undefined ? [] : [`auth-password = "${md5Password}"`]),
    ),
    ...section(
      'timers.config',
      `hold-time = ${holdTimeSeconds}`,
      `keepalive-interval = ${Math.max(1, Math.floor(holdTimeSeconds / 3))}`,
      'connect-retry = 1',
    ),
    ...section(
      'transport.config',
      `passive-mode = ${neighbor.passive !== false}`,
      ...(port === undefined ? [] : [`remote-port = ${port}`]),
      ...(sourceAddress === undefined ? [] : [`local-address = "${sourceAddress}"`]),
    ),
    ...(gtsmHops === undefined ? [] : section('ttl-security.config', 'enabled = true', `ttl-min = ${256 - gtsmHops}`)),
    ...(multihop === undefined ? [] : section('ebgp-multihop.config', 'enabled = true', `multihop-ttl = ${multihop}`)),
    ...familiesOf(neighbor).flatMap((family) => [
      ...['[[neighbors.afi-safis]]', '[neighbors.afi-safis.config]', `afi-safi-name = "${family}-unicast"`],
      ...(maxPrefixes === undefined
        ? []
        : ['[neighbors.afi-safis.prefix-limit.config]', `max-prefixes = ${maxPrefixes}`]),
    ]),
    ...extra,
  ];
}

function asnOf({ asn }: DaemonNeighbor, options: GobgpOptions): number {
  if (asn === 'internal') return options.asn;
  if (asn === 'external') throw new RangeError('gobgp needs the AS number of an external peer');
  return asn;
}
