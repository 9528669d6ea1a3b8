import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabProcess, Namespace } from '../lab/index.ts';
import { waitUntil } from '../wait-until.ts';
import {
  type BgpDaemon,
  type DaemonDescription,
  type DaemonFamily,
  type DaemonNeighbor,
  familiesOf,
  type NeighborView,
  type PathView,
} from './daemon.ts';
import { communityInNumbers } from './frr-names.ts';

const ROOT_DIRECTORY = '/usr/lib/frr';
/** A shell's words: runs `$@` where the file `$0` is the list of groups: in a mount namespace of its own, so that nobody else sees it. */
const WITH_GROUPS = 'mount --bind "$0" /etc/group && exec "$@"';

export interface FrrOptions extends DaemonDescription {
  /** RFC 8212: external peers need a policy, without which nothing of them counts. FRR's default; ours: false. */
  readonly requiresPolicy?: boolean;
  /** Routes are the kernel's. Default false: zebra runs where a neighbour has an IPv6 address, and tells bgpd of interfaces. */
  readonly kernelRoutes?: boolean;
  /** Equal paths of one prefix that are used together. Default: FRR's, as many as there are. */
  readonly maximumPaths?: number;
  /** Default 179. 0: takes no connections. */
  readonly port?: number;
}

/** FRR, with its own words beside a daemon's. */
export interface FrrDaemon extends BgpDaemon {
  /** `vtysh -c …`, for each word of `commands` one. */
  vtysh(...commands: readonly string[]): Promise<string>;
  /** The same, read as JSON. */
  json(command: string): Promise<unknown>;
}

/** Starts FRR's bgpd, alone or with zebra, in a namespace. */
export async function startFrr(namespace: Namespace, options: FrrOptions): Promise<FrrDaemon> {
  const directory = mkdtempSync(join(tmpdir(), 'frr-'));
  chmodSync(directory, 0o755);
  writeFileSync(join(directory, 'bgpd.conf'), frrConfiguration(options));
  writeFileSync(join(directory, 'zebra.conf'), `hostname ${namespace.name}\n`);
  writeFileSync(join(directory, 'vtysh.conf'), '');
  const own = (daemon: string): string[] => [
    '-f',
    join(directory, `${daemon}.conf`),
    '-i',
    join(directory, `${daemon}.pid`),
    '-z',
    join(directory, 'zserv.api'),
    '--vty_socket',
    directory,
    ...['-A', '127.0.0.1', '-P', '0', '-u', 'root', '-g', 'root', '--log', 'stdout'],
  ];
  const spawn = (daemon: string, [program, ...before]: readonly [string, ...string[]], more: readonly string[]) =>
    namespace.spawn(program, [...before, ...own(daemon), ...more], {
      name: `${namespace.name}: ${daemon}`,
      ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    });
  // bgpd has its interfaces from zebra, without which it takes no link-local next hop, and silently no route with one.
  const needsInterfaces = options.neighbors.some(({ address }) => address.includes(':'));
  const needsZebra = options.kernelRoutes === true || needsInterfaces;
  // It insists on a user of the group `frrvty`. Debian's user `frr` would be one, but a user namespace has root alone.
  const groups = join(directory, 'group');
  writeFileSync(groups, 'root:x:0:\nfrrvty:x:0:\n');
  const zebraProgram = ['unshare', '--mount', 'sh', '-c', WITH_GROUPS, groups, join(ROOT_DIRECTORY, 'zebra')] as const;
  const zebra = needsZebra ? spawn('zebra', [...zebraProgram], []) : undefined;
  const vtysh: FrrDaemon['vtysh'] = async (...commands) => {
    const words = commands.flatMap((command) => ['-c', command]);
    const { stdout } = await namespace.run('vtysh', ['--vty_socket', directory, '--config_dir', directory, ...words]);
    return stdout;
  };
  const routing = zebra === undefined ? ['-Z'] : options.kernelRoutes === true ? [] : ['--no_kernel'];
  const json: FrrDaemon['json'] = async (command) => JSON.parse(await vtysh(command)) as unknown;
  const leave = async (...running: readonly (LabProcess | undefined)[]): Promise<void> => {
    await Promise.all(running.map((each) => each?.stop(3_000)));
    rmSync(directory, { recursive: true, force: true });
  };
  /** Waits until a daemon answers; one that does not is told of with its last words, and nothing is left of it. */
  const awaitAnswer = async (daemon: LabProcess, command: string): Promise<void> => {
    try {
      const answers = async (): Promise<boolean> => daemon.end !== undefined || (await vtysh(command)) !== '';
      await waitUntil(`${daemon.name} to answer`, answers);
      if (daemon.end !== undefined) throw new Error('it has ended');
    } catch (error) {
      await leave(daemon, zebra);
      throw new Error(`${daemon.name} did not start:\n${daemon.lines.slice(-20).join('\n')}`, { cause: error });
    }
  };
  if (zebra !== undefined) await awaitAnswer(zebra, 'show version');
  const bgpd = spawn('bgpd', [join(ROOT_DIRECTORY, 'bgpd')], [...routing, '-S', '-p', String(options.port ?? 179)]);
  await awaitAnswer(bgpd, 'show bgp summary json');
  const stop = (): Promise<void> => leave(bgpd, zebra);
  return {
    kind: 'frr',
    process: bgpd,
    vtysh,
    json,
    command: vtysh,
    async neighbor(address) {
      const all = (await json(`show bgp neighbors ${address} json`)) as Readonly<Record<string, FrrNeighbor>>;
      return neighborView(all[address] ?? {});
    },
    async routes(family = 'ipv4') {
      const { routes = {} } = (await json(`show bgp ${family} unicast json detail`)) as FrrTable;
      return new Map(Object.entries(routes).map(([prefix, paths]) => [prefix, pathsOf(paths)]));
    },
    async routeCount(family = 'ipv4') {
      const all = (await json(`show bgp ${family} unicast summary json`)) as FrrSummary;
      return Object.values(all.peers ?? {}).reduce((sum, { pfxRcd = 0 }) => Math.max(sum, pfxRcd), 0);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface FrrNeighbor {
  readonly bgpState?: string;
  readonly remoteAs?: number;
  readonly remoteRouterId?: string;
  readonly bgpTimerHoldTimeMsecs?: number;
  readonly addressFamilyInfo?: Readonly<Record<string, { readonly acceptedPrefixCounter?: number }>>;
}

interface FrrPath {
  readonly origin?: string;
  readonly aspath?: { readonly string?: string };
  readonly locPrf?: number;
  readonly metric?: number;
  readonly community?: { readonly list?: readonly string[] };
  readonly largeCommunity?: { readonly list?: readonly string[] };
  readonly nexthops?: readonly { readonly ip?: string; readonly scope?: string }[];
}

interface FrrTable {
  readonly routes?: Readonly<Record<string, { readonly paths?: readonly FrrPath[] } | readonly FrrPath[]>>;
}

interface FrrSummary {
  readonly peers?: Readonly<Record<string, { readonly pfxRcd?: number }>>;
}

function neighborView(neighbor: FrrNeighbor): NeighborView {
  const { bgpState = 'unknown', remoteAs, remoteRouterId, bgpTimerHoldTimeMsecs, addressFamilyInfo = {} } = neighbor;
  return {
    state: bgpState,
    prefixesReceived: Object.values(addressFamilyInfo).reduce((sum, one) => sum + (one.acceptedPrefixCounter ?? 0), 0),
    holdTimeSeconds: bgpTimerHoldTimeMsecs === undefined ? undefined : bgpTimerHoldTimeMsecs / 1_000,
    peerAsn: remoteAs,
    peerIdentifier: remoteRouterId,
    raw: neighbor,
  };
}

function pathsOf(entry: { readonly paths?: readonly FrrPath[] } | readonly FrrPath[]): PathView[] {
  const paths = 'paths' in entry ? (entry.paths ?? []) : (entry as readonly FrrPath[]);
  const real = paths.filter(({ nexthops }) => nexthops !== undefined); // the first of an array describes the prefix
  return real.map((path) => ({
    ...nextHopsOf(path),
    asPath: localPathAsEmpty(path.aspath?.string),
    origin: originOf(path.origin),
    localPref: path.locPrf,
    med: path.metric,
    communities: [...(path.community?.list ?? [])].map(communityInNumbers).sort(compareTexts),
    largeCommunities: [...(path.largeCommunity?.list ?? [])].sort(compareTexts),
  }));
}

function nextHopsOf({ nexthops = [] }: FrrPath): Pick<PathView, 'nextHop' | 'linkLocalNextHop'> {
  const global = nexthops.find(({ scope }) => scope !== 'link-local')?.ip;
  const linkLocal = nexthops.find(({ scope }) => scope === 'link-local')?.ip;
  if (global === undefined || global === '::') return { nextHop: linkLocal ?? '', linkLocalNextHop: undefined };
  return { nextHop: global, linkLocalNextHop: linkLocal };
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : 1);
const localPathAsEmpty = (path: string | undefined): string => (path === undefined || path === 'Local' ? '' : path);

function originOf(text: string | undefined): PathView['origin'] {
  const origin = text?.toLowerCase();
  return origin === 'igp' || origin === 'egp' ? origin : 'incomplete';
}

/** The configuration of bgpd in its own words. */
export function frrConfiguration(options: FrrOptions): string {
  const { asn, routerId, neighbors, holdTimeSeconds = 9 } = options;
  const family = (name: DaemonFamily): string[] => [
    ` address-family ${name} unicast`,
    ...(options.maximumPaths === undefined ? [] : [`  maximum-paths ${options.maximumPaths}`]),
    ...neighbors.flatMap((neighbor) => activation(neighbor, name)),
    ' exit-address-family',
  ];
  return `${[
    'hostname frr',
    `router bgp ${asn}`,
    ` bgp router-id ${routerId}`,
    ...(options.requiresPolicy === true ? [' bgp ebgp-requires-policy'] : [' no bgp ebgp-requires-policy']),
    ' no bgp default ipv4-unicast',
    ' no bgp network import-check',
    ` timers bgp ${Math.max(1, Math.floor(holdTimeSeconds / 3))} ${holdTimeSeconds}`,
    ...neighbors.flatMap(neighborLines),
    ...family('ipv4'),
    ...family('ipv6'),
    'exit',
    ...(options.extra ?? []),
  ].join('\n')}\n`;
}

function neighborLines(neighbor: DaemonNeighbor): string[] {
  const { address, md5Password, gtsmHops, multihop, port, sourceAddress, extra = [] } = neighbor;
  const line = (words: string): string => ` neighbor ${address} ${words}`;
  return [
    line(`remote-as ${neighbor.asn}`),
    line('timers connect 1'),
    ...(neighbor.passive === false ? [] : [line('passive')]),
    ...(md5Password === undefined ? [] : [line(`password ${md5Password}`)]),
    ...(gtsmHops === undefined ? [] : [line(`ttl-security hops ${gtsmHops}`)]),
    ...(multihop === undefined ? [] : [line(`ebgp-multihop ${multihop}`)]),
    ...(port === undefined ? [] : [line(`port ${port}`)]),
    ...(sourceAddress === undefined ? [] : [line(`update-source ${sourceAddress}`)]),
    ...(neighbor.extendedNextHop === true ? [line('capability extended-nexthop')] : []),
    ...extra.map(line),
  ];
}

function activation(neighbor: DaemonNeighbor, family: DaemonFamily): string[] {
  if (!familiesOf(neighbor).includes(family)) return [];
  const line = (words: string): string => `  neighbor ${neighbor.address} ${words}`;
  return [
    line('activate'),
    ...(neighbor.maxPrefixes === undefined ? [] : [line(`maximum-prefix ${neighbor.maxPrefixes} restart 1`)]),
  ];
}
