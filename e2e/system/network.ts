import { type Cable, type Lab, type Namespace, openLab, probeArp, waitUntil } from '@steelyard/testkit';

/** A host on its cable. */
export interface Host {
  readonly name: string;
  readonly address: string;
  readonly namespace: Namespace;
  readonly cable: Cable;
}

/** Three nodes, their gateway and a client on one switch; the controller has a place, and no cable. */
export interface Network {
  readonly lab: Lab;
  readonly nodes: readonly [Host, Host, Host];
  readonly gateway: Host;
  readonly client: Host;
  readonly controlPlane: Namespace;
  /** Which nodes answer an ARP request for each of these addresses; nobody is `[]`. */
  answering(addresses: readonly string[]): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Waits until exactly one node answers for each address, and says which. */
  owners(addresses: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** Waits until nobody answers for any of these addresses. */
  silent(addresses: readonly string[]): Promise<void>;
}

export const GATEWAY_ADDRESS = '192.0.2.1';

export async function layNetwork(): Promise<Network> {
  const lab = await openLab();
  const hub = await lab.switch('hub');
  const plug = async (name: string, number: number): Promise<Host> => {
    const namespace = await lab.namespace(name);
    const address = `192.0.2.${number}`;
    const cable = await lab.attach(namespace, hub, { addresses: [`${address}/24`] });
    if (address !== GATEWAY_ADDRESS) await namespace.addRoute('default', GATEWAY_ADDRESS);
    return { name, address, namespace, cable };
  };
  const [gateway, client, controlPlane, ...nodes] = await Promise.all([
    plug('gateway', 1),
    plug('client', 100),
    lab.namespace('control-plane'),
    plug('node-1', 11),
    plug('node-2', 12),
    plug('node-3', 13),
  ]);
  const nameOf = new Map([...nodes, gateway].map(({ cable, name }) => [cable.mac, name]));
  const nameOfMac = (mac: string): string => nameOf.get(mac) ?? mac;

  async function answering(addresses: readonly string[]): Promise<Record<string, string[]>> {
    const replies = await probeArp(client.cable, { addresses, intervalMs: 5, replyTimeoutMs: 600, settleMs: 100 });
    return Object.fromEntries(
      addresses.map((address) => [
        address,
        [...new Set(replies.filter((reply) => reply.address === address).map(({ mac }) => nameOfMac(mac)))],
      ]),
    );
  }
  return {
    lab,
    nodes,
    gateway,
    client,
    controlPlane,
    answering,
    async owners(addresses) {
      let last: Record<string, string[]> = {};
      const all = async (): Promise<boolean> => {
        last = await answering(addresses);
        return Object.values(last).every(({ length }) => length === 1);
      };
      await explained(waitUntil(`one owner of each of ${addresses.join(' ')}`, all), () => last);
      return Object.fromEntries(Object.entries(last).map(([address, [owner = '']]) => [address, owner]));
    },
    async silent(addresses) {
      let last: Record<string, string[]> = {};
      const none = async (): Promise<boolean> => {
        last = await answering(addresses);
        return Object.values(last).every(({ length }) => length === 0);
      };
      await explained(waitUntil(`nobody to answer for ${addresses.join(' ')}`, none), () => last);
    },
  };
}

async function explained<T>(waiting: Promise<T>, last: () => object): Promise<T> {
  try {
    return await waiting;
  } catch (error) {
    throw new Error(`${(error as Error).message}; last seen: ${JSON.stringify(last())}`, { cause: error });
  }
}

/** What a host asked, and how often it was answered. */
export interface Pulse extends AsyncDisposable {
  /** Requests for each address so far. */
  readonly asked: number;
  /** Ends it, and says for each address how many requests went unanswered. */
  stop(): Promise<Readonly<Record<string, number>>>;
}

/** Between two requests for one address: longer than an answer takes on a machine that does other things besides. */
const PULSE_INTERVAL_MS = 100;
const REQUESTS_PER_ROUND = 20;

/** Asks for each address about ten times a second until it is told to stop: who is not always answered has lost traffic. */
export function startPulse({ client }: Network, addresses: readonly string[]): Pulse {
  const unanswered = Object.fromEntries(addresses.map((address) => [address, 0]));
  let asked = 0;
  let stopping = false;
  const asking = (async () => {
    while (!stopping) {
      const replies = await probeArp(client.cable, {
        addresses,
        count: addresses.length * REQUESTS_PER_ROUND,
        intervalMs: PULSE_INTERVAL_MS / addresses.length,
        replyTimeoutMs: 2_000,
      });
      asked += REQUESTS_PER_ROUND;
      for (const address of addresses) {
        const answers = replies.filter((reply) => reply.address === address).length;
        unanswered[address] = (unanswered[address] ?? 0) + Math.max(0, REQUESTS_PER_ROUND - answers);
      }
    }
  })();
  asking.catch(() => {}); // whoever stops it is told
  return {
    get asked() {
      return asked;
    },
    async stop() {
      stopping = true;
      await asking;
      return unanswered;
    },
    async [Symbol.asyncDispose]() {
      stopping = true;
      await asking.catch(() => {});
    },
  };
}
