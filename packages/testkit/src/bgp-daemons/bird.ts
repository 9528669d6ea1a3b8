import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Namespace } from '../lab/index.ts';
import { waitUntil } from '../wait-until.ts';
import { type BirdRoute, readBirdProtocol, readBirdRoutes } from './bird-answers.ts';
import { type BgpDaemon, type DaemonDescription, type DaemonNeighbor, familiesOf } from './daemon.ts';

export interface BirdOptions extends DaemonDescription {
  /** Default 179. */
  readonly port?: number;
}

/** BIRD, with its own words beside a daemon's. */
export interface BirdDaemon extends BgpDaemon {
  /** What the protocol of a neighbour is called, for commands. */
  protocolOf(address: string): string;
}

/** BIRD asks its control socket for a route's attributes one by one: a table of some thousands takes seconds. */
const SHOW_TIMEOUT_MS = 60_000;

/** Starts BIRD in a namespace. It has routes of BGP alone, and the kernel has none of them. */
export async function startBird(namespace: Namespace, options: BirdOptions): Promise<BirdDaemon> {
  const directory = mkdtempSync(join(tmpdir(), 'bird-'));
  const configuration = join(directory, 'bird.conf');
  const socket = join(directory, 'bird.ctl');
  writeFileSync(configuration, birdConfiguration(options));
  const bird = namespace.spawn('bird', ['-f', '-c', configuration, '-s', socket, '-P', join(directory, 'bird.pid')], {
    name: `${namespace.name}: bird`,
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
  });
  const command: BirdDaemon['command'] = async (...words) => {
    const { stdout } = await namespace.run('birdc', ['-s', socket, ...words], { timeoutMs: SHOW_TIMEOUT_MS });
    return stdout;
  };
  const stop = async (): Promise<void> => {
    await bird.stop(3_000);
    rmSync(directory, { recursive: true, force: true });
  };
  const protocolOf = (address: string): string => {
    const index = options.neighbors.findIndex((neighbor) => neighbor.address === address);
    if (index === -1) throw new RangeError(`no neighbour ${address}`);
    return birdProtocolName(index);
  };
  try {
    await waitUntil('bird to answer', async () => {
      if (bird.end !== undefined) return true;
      return (await command('show', 'status')).includes('Daemon is up and running');
    });
    if (bird.end !== undefined) throw new Error('it has ended');
  } catch (error) {
    await stop();
    throw new Error(`bird did not start:\n${bird.lines.slice(-20).join('\n')}`, { cause: error });
  }
  return {
    kind: 'bird',
    process: bird,
    command,
    protocolOf,
    async neighbor(address) {
      return readBirdProtocol(await command('show', 'protocols', 'all', protocolOf(address)));
    },
    async routes(family = 'ipv4') {
      const routes = readBirdRoutes(await command('show', 'route', 'table', tableOf(family), 'all'));
      return new Map(
        [...Map.groupBy(routes, ({ prefix }: BirdRoute) => prefix)].map(([k, v]) => [k, v.map((r) => r.path)]),
      );
    },
    async routeCount(family = 'ipv4') {
      const said = await command('show', 'route', 'table', tableOf(family), 'count');
      return Number(/for (\d+) networks/.exec(said)?.[1] ?? 0);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const tableOf = (family: 'ipv4' | 'ipv6'): string => (family === 'ipv4' ? 'master4' : 'master6');
const birdProtocolName = (index: number): string => `peer${index}`;

/** The configuration of BIRD in its own words. */
export function birdConfiguration(options: BirdOptions): string {
  return `${[
    'log stderr all;',
    `router id ${options.routerId};`,
    'protocol device { scan time 1; }',
    ...options.neighbors.flatMap((neighbor, index) => protocolLines(neighbor, index, options)),
    ...(options.extra ?? []),
  ].join('\n')}\n`;
}

function protocolLines(neighbor: DaemonNeighbor, index: number, options: BirdOptions): string[] {
  const { address, asn, multihop, md5Password, gtsmHops, sourceAddress, extra = [] } = neighbor;
  const { holdTimeSeconds = 9, port = 179 } = options;
  const far = gtsmHops !== undefined && gtsmHops > 1 ? gtsmHops : multihop;
  return [
    `protocol bgp ${birdProtocolName(index)} {`,
    `  local${sourceAddress === undefined ? '' : ` ${sourceAddress}`} port ${port} as ${options.asn};`,
    `  neighbor ${address} port ${neighbor.port ?? 179} ${typeof asn === 'number' ? `as ${asn}` : asn};`,
    far === undefined ? '  direct;' : `  multihop ${far};`,
    ...(neighbor.passive === false ? [] : ['  passive on;']),
    ...(md5Password === undefined ? [] : [`  password "${md5Password}";`]),
    ...(gtsmHops === undefined ? [] : ['  ttl security on;']),
    `  hold time ${holdTimeSeconds};`,
    '  connect delay time 1;',
    '  connect retry time 1;',
    '  error wait time 1, 2;',
    ...familiesOf(neighbor).flatMap((family) => [
      `  ${family} {`,
      '    import all;',
      '    export all;',
      // Else a next hop that is not resolved makes a route that BIRD does not have.
      ...(far === undefined ? [] : ['    gateway recursive;']),
      ...(neighbor.maxPrefixes === undefined ? [] : [`    import limit ${neighbor.maxPrefixes} action restart;`]),
      ...(neighbor.extendedNextHop === true ? ['    extended next hop on;'] : []),
      '  };',
    ]),
    ...extra.map((line) => `  ${line}`),
    '}',
  ];
}
