import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Namespace } from '../lab/index.ts';
import { waitUntil } from '../wait-until.ts';
import {
  type BgpDaemon,
  type DaemonDescription,
  type DaemonNeighbor,
  familiesOf,
  type NeighborView,
} from './daemon.ts';
import { readExabgpEvents } from './exabgp-events.ts';

/** ExaBGP keeps no table: what it has heard is written down and read again. It needs the address that it speaks from. */
export interface ExabgpOptions extends DaemonDescription {
  /** Its own address: towards all neighbours that name none. */
  readonly localAddress: string;
}

/** Starts ExaBGP in a namespace. `command` is written to its API, which answers nothing that is waited for. */
export async function startExabgp(namespace: Namespace, options: ExabgpOptions): Promise<BgpDaemon> {
  const directory = mkdtempSync(join(tmpdir(), 'exabgp-'));
  const [configuration, events, commands, script] = ['exabgp.conf', 'events', 'commands', 'api.sh'].map((name) =>
    join(directory, name),
  ) as [string, string, string, string];
  writeFileSync(commands, '');
  // What it prints are commands; what it reads is what happens. The shell becomes `cat`, and ends with ExaBGP.
  writeFileSync(script, `tail -n +1 -f --pid=$$ ${commands} &\nexec cat > ${events}\n`);
  writeFileSync(configuration, exabgpConfiguration(options, script));
  const exabgp = namespace.spawn('exabgp', [configuration], {
    name: `${namespace.name}: exabgp`,
    // A shell passes no names with dots on.
    env: {
      exabgp_daemon_user: 'root',
      exabgp_daemon_drop: 'false',
      exabgp_log_destination: 'stdout',
      exabgp_log_level: 'INFO',
      exabgp_api_cli: 'false',
      exabgp_api_ack: 'false',
      exabgp_cache_attributes: 'false',
    },
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
  });
  const stop = async (): Promise<void> => {
    await exabgp.stop(3_000);
    rmSync(directory, { recursive: true, force: true });
  };
  const read = () => readExabgpEvents(existsSync(events) ? readFileSync(events, 'utf8') : '');
  try {
    await waitUntil('exabgp to start its API', () => exabgp.end !== undefined || existsSync(events));
    if (exabgp.end !== undefined) throw new Error('it has ended');
  } catch (error) {
    await stop();
    throw new Error(`exabgp did not start:\n${exabgp.lines.slice(-20).join('\n')}`, { cause: error });
  }
  return {
    kind: 'exabgp',
    process: exabgp,
    async command(...words) {
      appendFileSync(commands, `${words.join(' ')}\n`);
      return '';
    },
    async neighbor(address) {
      const known = read().neighbors.get(address) ?? UNHEARD;
      const offered = known.holdTimeSeconds;
      const { holdTimeSeconds = DEFAULT_HOLD_TIME_SECONDS } = options;
      return { ...known, holdTimeSeconds: offered === undefined ? undefined : Math.min(offered, holdTimeSeconds) };
    },
    async routes(family = 'ipv4') {
      return read().routes[family];
    },
    async routeCount(family = 'ipv4') {
      return read().routes[family].size;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const DEFAULT_HOLD_TIME_SECONDS = 9;
const UNHEARD: NeighborView = {
  state: 'unknown',
  prefixesReceived: 0,
  holdTimeSeconds: undefined,
  peerAsn: undefined,
  peerIdentifier: undefined,
  raw: undefined,
};

/** The configuration of ExaBGP, with a program that is told what happens. */
export function exabgpConfiguration(options: ExabgpOptions, script: string): string {
  return `${[
    `process api { run /bin/sh ${script}; encoder json; }`,
    ...options.neighbors.flatMap((neighbor) => neighborLines(neighbor, options)),
    ...(options.extra ?? []),
  ].join('\n')}\n`;
}

function neighborLines(neighbor: DaemonNeighbor, options: ExabgpOptions): string[] {
  const { address, asn, md5Password, gtsmHops, port, maxPrefixes, extra = [] } = neighbor;
  if (typeof asn !== 'number') throw new RangeError('exabgp needs the AS number of a peer');
  if (maxPrefixes !== undefined) throw new RangeError('exabgp counts no prefixes');
  return [
    `neighbor ${address} {`,
    `  router-id ${options.routerId};`,
    `  local-address ${neighbor.sourceAddress ?? options.localAddress};`,
    `  local-as ${options.asn};`,
    `  peer-as ${asn};`,
    `  hold-time ${options.holdTimeSeconds ?? DEFAULT_HOLD_TIME_SECONDS};`,
    ...(neighbor.passive === false ? [] : ['  passive;', '  listen 179;']),
    ...(port === undefined ? [] : [`  connect ${port};`]),
    ...(md5Password === undefined ? [] : [`  md5-password "${md5Password}";`]),
    ...(gtsmHops === undefined ? [] : ['  outgoing-ttl 255;', `  incoming-ttl ${256 - gtsmHops};`]),
    '  family {',
    ...familiesOf(neighbor).map((family) => `    ${family} unicast;`),
    '  }',
    '  api { processes [ api ]; neighbor-changes; receive { parsed; update; open; notification; } }',
    ...extra.map((line) => `  ${line}`),
    '}',
  ];
}
