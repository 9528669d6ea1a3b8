import type { BgpPeerOptions, BgpPeerStatus, BgpSpeakerOptions } from '@steelyard/bgp/node';
import {
  type BgpDaemon,
  type DaemonNeighbor,
  type FrrOptions,
  type Lab,
  type Namespace,
  openLab,
  type PathView,
  type Switch,
  waitUntil,
} from '@steelyard/testkit';
import { expect } from 'vitest';
import { type Remote, startRemote } from '../layer2/arp-remote.ts';
import { type Kind, startDaemon } from './interop-daemons.ts';
import type { SpeakerCalls } from './interop-speaker-inside.ts';

export const OUR_ASN = 65_001;
export const THEIR_ASN = 65_000;
export const PATIENCE = { timeoutMs: 45_000, intervalMs: 100 };

/** A host with an address of each family. */
export interface InteropHost {
  readonly namespace: Namespace;
  readonly ipv4: string;
  readonly ipv6: string;
}

/** A session between ours and a daemon that is there for one test. */
export interface Session extends AsyncDisposable {
  readonly daemon: BgpDaemon;
  /** What ours calls it. */
  readonly name: string;
  /** Of the daemon, as ours dials it. */
  readonly address: string;
  readonly host: InteropHost;
  /** Ours, as the daemon knows it. */
  readonly ourAddress: string;
  readonly ours: Remote<SpeakerCalls>;
  status(): Promise<BgpPeerStatus>;
  /** Both sides say Established. */
  established(): Promise<BgpPeerStatus>;
  /** Waits for our side to have a last error like this. */
  lastError(pattern: RegExp): Promise<string>;
  /** Stops the daemon; the next one has the same configuration, or another. */
  restart(changes?: Changes): Promise<BgpDaemon>;
}

/** What differs from an external IPv4 session that ours dials. */
export interface Changes {
  readonly ipv6?: boolean;
  readonly ourAsn?: number;
  readonly theirAsn?: number;
  /** The daemon itself. */
  readonly description?: Partial<FrrOptions>;
  /** How the daemon sees ours. */
  readonly neighbor?: Partial<DaemonNeighbor>;
  /** How ours sees the daemon. */
  readonly peer?: Partial<BgpPeerOptions>;
  readonly speaker?: Partial<BgpSpeakerOptions>;
  /** The speaker that has port 179, and takes connections. */
  readonly listening?: boolean;
  /** Ours dials the daemon's link-local address; the description of its neighbour names ours. */
  readonly linkLocal?: boolean;
  /** Behind a router. */
  readonly far?: boolean;
}

/** One switch, a host of ours, and as many others as tests want. */
export interface InteropLab extends AsyncDisposable {
  readonly ours: InteropHost & { readonly remote: Remote<SpeakerCalls> };
  host(name: string): Promise<InteropHost>;
  /** A daemon on a host of its own, and ours as its peer. */
  session(kind: Kind, changes?: Changes): Promise<Session>;
}

export interface InteropLabOptions {
  /** A second speaker of ours takes connections at port 179. */
  readonly listen?: boolean;
  /** Ours has no IPv4 address. */
  readonly ipv6Only?: boolean;
}

/** Opens it. */
export async function openInteropLab(options: InteropLabOptions = {}): Promise<InteropLab> {
  const { listen = false, ipv6Only = false } = options;
  const lab = await openLab();
  const near = await lab.switch('near');
  const far = await lab.switch('far');
  let hosts = 0;
  const place = async (name: string, at: Switch, network: number): Promise<InteropHost> => {
    hosts += 1;
    const [ipv4, ipv6] = [`10.20.${network}.${hosts}`, `fd00:${network}::${hosts.toString(16)}`];
    const namespace = await lab.namespace(`${name}-${hosts}`);
    // FRR advertises itself as an IPv6 router where it may use RFC 8950, and Linux would then connect from another address.
    await namespace.writeSysctl('net.ipv6.conf.default.accept_ra', 0);
    await lab.attach(namespace, at, { addresses: [`${ipv4}/24`, `${ipv6}/64`] });
    return { namespace, ipv4, ipv6 };
  };
  const own = await place('ours', near, NEAR);
  if (ipv6Only) await own.namespace.run('ip', ['-4', 'address', 'flush', 'dev', 'eth0']);
  const [remote] = await Promise.all([
    startRemote<SpeakerCalls>(own.namespace, new URL('./interop-speaker-inside.ts', import.meta.url)),
    layRouter(lab, near, far),
  ]);
  if (!ipv6Only) await own.namespace.addRoute(`10.20.${FAR}.0/24`, `10.20.${NEAR}.${ROUTER}`);
  await own.namespace.addRoute(`fd00:${FAR}::/64`, `fd00:${NEAR}::${ROUTER.toString(16)}`);
  if (listen) await remote.call('open', LISTENING, { asn: OUR_ASN, routerId: own.ipv4, listen: {} });
  let sessions = 0;
  const host = (name: string): Promise<InteropHost> => place(name, near, NEAR);
  return {
    ours: { ...own, remote },
    host,
    async session(kind, changes = {}) {
      sessions += 1;
      const name = `${kind}-${sessions}`;
      const theirs = changes.far === true ? await placeFar(() => place(kind, far, FAR)) : await host(kind);
      return openSession({ kind, name, ours: own, theirs, remote, changes });
    },
    [Symbol.asyncDispose]: () => lab.close(),
  };
}

const LISTENING = 'listening';
const NEAR = 1;
const FAR = 2;
const ROUTER = 250;

async function layRouter(lab: Lab, near: Switch, far: Switch): Promise<void> {
  const router = await lab.namespace('router');
  for (const [network, to] of [
    [NEAR, near],
    [FAR, far],
  ] as const) {
    const addresses = [`10.20.${network}.${ROUTER}/24`, `fd00:${network}::${ROUTER.toString(16)}/64`];
    await lab.attach(router, to, { ifname: `eth${network}`, addresses });
  }
  await router.writeSysctl('net.ipv4.ip_forward', 1);
  await router.writeSysctl('net.ipv6.conf.all.forwarding', 1);
}

async function placeFar(place: () => Promise<InteropHost>): Promise<InteropHost> {
  const host = await place();
  await host.namespace.addRoute(`10.20.${NEAR}.0/24`, `10.20.${FAR}.${ROUTER}`);
  await host.namespace.addRoute(`fd00:${NEAR}::/64`, `fd00:${FAR}::${ROUTER.toString(16)}`);
  return host;
}

/** Waits until the daemon has a prefix as it should be, or no more. */
export async function expectPath(
  { daemon, name }: Session,
  prefix: string,
  expected: Partial<PathView> | undefined,
): Promise<void> {
  await waitUntil(
    `${name} to have ${prefix} ${expected === undefined ? 'no more' : 'as it should be'}`,
    async () => {
      const [path] = (await daemon.routes(prefix.includes(':') ? 'ipv6' : 'ipv4')).get(prefix) ?? [];
      if (expected === undefined) expect(path).toBeUndefined();
      else expect(path).toMatchObject(expected);
      return true;
    },
    PATIENCE,
  );
}

/** Its address on its own link. */
export async function linkLocalOf({ namespace }: InteropHost): Promise<string> {
  const { stdout } = await namespace.run('ip', ['-6', '-o', 'address', 'show', 'dev', 'eth0', 'scope', 'link']);
  return /inet6 ([^/]+)/.exec(stdout)?.[1] ?? expect.fail(`no link-local address: ${stdout}`);
}

interface SessionPlan {
  readonly kind: Kind;
  readonly name: string;
  readonly ours: InteropHost;
  readonly theirs: InteropHost;
  readonly remote: Remote<SpeakerCalls>;
  readonly changes: Changes;
}

async function openSession({ kind, name, ours, theirs, remote, changes }: SessionPlan): Promise<Session> {
  const { ipv6 = false, ourAsn = OUR_ASN, theirAsn = THEIR_ASN, peer, speaker } = changes;
  const [address, ourAddress] =
    changes.linkLocal === true
      ? [`${await linkLocalOf(theirs)}%eth0`, changes.neighbor?.address ?? '']
      : ipv6
        ? [theirs.ipv6, ours.ipv6]
        : [theirs.ipv4, ours.ipv4];
  const start = (latest: Changes): Promise<BgpDaemon> =>
    startDaemon(kind, theirs.namespace, {
      asn: latest.theirAsn ?? theirAsn,
      routerId: theirs.ipv4,
      neighbors: [{ address: ourAddress, asn: latest.ourAsn ?? ourAsn, ...latest.neighbor }],
      localAddress: address,
      ...latest.description,
    });
  let daemon = await start(changes);
  if (changes.listening !== true) await remote.call('open', name, { asn: ourAsn, routerId: ours.ipv4, ...speaker });
  await remote.call('add', changes.listening === true ? LISTENING : name, name, {
    address,
    asn: theirAsn,
    holdTimeSeconds: 9,
    connectRetryTimeMs: 2_000,
    maxIdleHoldTimeMs: 1_000,
    ...peer,
  });
  const status = (): Promise<BgpPeerStatus> => remote.call('status', name);
  return {
    get daemon() {
      return daemon;
    },
    name,
    address,
    host: theirs,
    ourAddress,
    ours: remote,
    status,
    established() {
      return waitUntil(
        `a session with ${name}`,
        async () => {
          const now = await status();
          if (now.state !== 'Established') throw new Error(`${now.state}: ${now.lastError}`);
          return (await daemon.neighbor(ourAddress)).state === 'Established' && now;
        },
        PATIENCE,
      );
    },
    lastError(pattern) {
      return waitUntil(
        `${name} to say ${pattern}`,
        async () => {
          const { lastError = 'nothing' } = await status();
          if (!pattern.test(lastError)) throw new Error(lastError);
          return lastError;
        },
        PATIENCE,
      );
    },
    async restart(latest = changes) {
      await daemon.stop();
      daemon = await start(latest);
      return daemon;
    },
    async [Symbol.asyncDispose]() {
      await remote.call('close', name, { timeoutMs: 200 });
      await daemon.stop();
    },
  };
}
