import { type BgpDaemon, type Namespace, startBird, startFrr } from '@steelyard/testkit';
import { type ControlSocket, openBirdSocket, openFrrSocket } from './control-socket.ts';

export const RECEIVERS = ['frr', 'bird'] as const;
export type ReceiverKind = (typeof RECEIVERS)[number];

/** A router that is told routes. It is asked by its control socket, which takes it a fraction of a millisecond. */
export interface Receiver extends AsyncDisposable {
  readonly kind: ReceiverKind;
  readonly pid: number;
  isEstablished(neighbor: string): Promise<boolean>;
  /** Prefixes that it has. */
  count(): Promise<number>;
  /** Whether it would use a route for this prefix: it has been told of it, and has chosen. */
  has(prefix: string): Promise<boolean>;
}

export interface ReceiverOptions {
  readonly asn: number;
  readonly routerId: string;
  readonly neighbors: readonly { readonly address: string; readonly asn: number }[];
  readonly holdTimeSeconds?: number;
}

/** It waits for who connects, and keeps its routes from the kernel. */
export async function startReceiver(
  kind: ReceiverKind,
  namespace: Namespace,
  options: ReceiverOptions,
): Promise<Receiver> {
  const description = { holdTimeSeconds: 90, ...options };
  if (kind === 'frr') {
    const daemon = await startFrr(namespace, description);
    return frrReceiver(daemon, await openFrrSocket(daemon.process.pid));
  }
  const daemon = await startBird(namespace, description);
  return birdReceiver(daemon, await openBirdSocket(daemon.process.pid));
}

interface FrrSummary {
  readonly peers?: Readonly<Record<string, { readonly state?: string; readonly pfxRcd?: number }>>;
}

interface FrrPrefix {
  readonly paths?: readonly { readonly bestpath?: { readonly overall?: boolean } }[];
}

function frrReceiver(daemon: BgpDaemon, socket: ControlSocket): Receiver {
  const json = async (command: string): Promise<unknown> => {
    const said = (await socket.ask(command)).replace(/\0\0\0[\s\S]$/, '');
    return said.trim() === '' ? {} : JSON.parse(said);
  };
  const peers = async () => ((await json('show bgp ipv4 unicast summary json')) as FrrSummary).peers ?? {};
  return {
    kind: 'frr',
    pid: daemon.process.pid,
    isEstablished: async (neighbor) => (await peers())[neighbor]?.state === 'Established',
    count: async () => Object.values(await peers()).reduce((most, { pfxRcd = 0 }) => Math.max(most, pfxRcd), 0),
    async has(prefix) {
      const { paths = [] } = (await json(`show bgp ipv4 unicast ${prefix} json`)) as FrrPrefix;
      return paths.some(({ bestpath }) => bestpath?.overall === true);
    },
    [Symbol.asyncDispose]: () => closed(daemon, socket),
  };
}

function birdReceiver(daemon: BgpDaemon, socket: ControlSocket): Receiver {
  return {
    kind: 'bird',
    pid: daemon.process.pid,
    isEstablished: async () => /BGP .*Established/.test(await socket.ask('show protocols')),
    count: async () => Number(/for (\d+) networks/.exec(await socket.ask('show route count'))?.[1] ?? 0),
    has: async (prefix) => (await socket.ask(`show route ${prefix}`)).includes(prefix),
    [Symbol.asyncDispose]: () => closed(daemon, socket),
  };
}

async function closed(daemon: BgpDaemon, socket: ControlSocket): Promise<void> {
  socket[Symbol.dispose]();
  await daemon.stop();
}
