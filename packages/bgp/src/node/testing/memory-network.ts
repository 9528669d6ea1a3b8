import { formatAddress, parseAddress } from '../address.ts';
import type { Clock } from '../clock.ts';
import type { InterfaceAddress } from '../transport/interface-address.ts';
import type {
  Connection,
  ConnectionHandler,
  DialOptions,
  Listener,
  ListenOptions,
  Transport,
} from '../transport/transport.ts';

/** What a kernel keeps of what was written and not read: about Linux's default. */
const KERNEL_OCTETS = 212_992;
/** What one read takes. */
const READ_OCTETS = 65_536;
const FIRST_PORT = 40_000;

/** Hosts that reach each other without a kernel. */
export class MemoryNetwork {
  readonly clock: Clock;
  readonly listeners: Map<string, ListenOptions> = new Map<string, ListenOptions>();
  /** Addresses to which, and from which, nothing arrives. */
  readonly cut: Set<string> = new Set<string>();
  /** Addresses that answer no SYN, as one does that expects another password. */
  readonly mute: Set<string> = new Set<string>();
  /** Connections that were begun, with their end. */
  dials: number = 0;
  nextPort: number = FIRST_PORT;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  host(...addresses: readonly string[]): MemoryHost {
    return new MemoryHost(this, addresses);
  }
}

/** One host: `eth0` with these addresses, as `192.0.2.1/24`. */
export class MemoryHost implements Transport {
  readonly #network: MemoryNetwork;
  readonly #addresses: readonly InterfaceAddress[];
  /** What a test says of it. */
  dropped: number | undefined = undefined;

  constructor(network: MemoryNetwork, addresses: readonly string[]) {
    this.#network = network;
    this.#addresses = addresses.map((text) => {
      const [address = '', length] = text.split('/');
      return { interfaceName: 'eth0', address, prefixLength: Number(length) };
    });
  }

  dial(options: DialOptions, handler: ConnectionHandler): Connection {
    const network = this.#network;
    network.dials += 1;
    const remote = formatAddress(parseAddress(options.address));
    const local = options.sourceAddress ?? this.#addressFor(remote);
    const [near, far] = connectionPair(network, local, network.nextPort++, remote, options.port);
    near.handle(handler);
    network.clock.callSoon(() => {
      if (near.gone || network.cut.has(remote) || network.cut.has(local) || network.mute.has(remote)) return;
      const listener = network.listeners.get(`${remote} ${options.port}`);
      if (listener === undefined) {
        near.fail(Object.assign(new Error(`connect ECONNREFUSED ${remote}`), { code: 'ECONNREFUSED' }));
        return;
      }
      far.stand();
      listener.onConnection(far);
      near.stand();
      handler.onConnect();
    });
    return near;
  }

  listen(options: ListenOptions): Promise<Listener> {
    const keys = this.#addresses.map(({ address }) => `${formatAddress(parseAddress(address))} ${options.port}`);
    for (const key of keys) this.#network.listeners.set(key, options);
    return Promise.resolve({
      port: options.port,
      setMd5Password: () => {},
      close: () => {
        for (const key of keys) this.#network.listeners.delete(key);
        return Promise.resolve();
      },
    });
  }

  interfaceAddresses(): readonly InterfaceAddress[] {
    return this.#addresses;
  }

  droppedForMd5(): Promise<number | undefined> {
    return Promise.resolve(this.dropped);
  }

  #addressFor(remote: string): string {
    const { octets, linkLocal } = parseAddress(remote);
    const mine = this.#addresses
      .map(({ address }) => parseAddress(address))
      .find((each) => each.octets.length === octets.length && each.linkLocal === linkLocal);
    if (mine === undefined) throw new Error(`no way to ${remote}`);
    return linkLocal ? `${mine.address}%eth0` : mine.address;
  }
}

function connectionPair(network: MemoryNetwork, near: string, nearPort: number, far: string, farPort: number) {
  const a = new MemoryConnection(network, near, far, farPort);
  const b = new MemoryConnection(network, far, near, nearPort);
  a.other = b;
  b.other = a;
  return [a, b] as const;
}

interface Write {
  left: number;
  readonly onAccepted: () => void;
}

/** One end. */
class MemoryConnection implements Connection {
  readonly remoteAddress: string;
  readonly remotePort: number;
  other: MemoryConnection | undefined;
  gone: boolean = false;
  hops: { readonly ttl: number; readonly gtsmHops: number | undefined } | undefined;
  readonly #network: MemoryNetwork;
  readonly #local: string;
  #stands: boolean = false;
  #handler: ConnectionHandler | undefined;
  /** Written, and not with the kernel. */
  #unaccepted: Uint8Array[] = [];
  #writes: Write[] = [];
  /** With the kernel, and not read by the other end. */
  #kernel: Uint8Array[] = [];
  #kernelOctets: number = 0;
  #paused: boolean = false;
  #fin: boolean = false;
  #scheduled: boolean = false;

  constructor(network: MemoryNetwork, local: string, remoteAddress: string, remotePort: number) {
    this.#network = network;
    this.#local = local;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  get localAddress(): string | undefined {
    return this.#stands ? this.#local : undefined;
  }

  handle(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  setHops(hops: { readonly ttl: number; readonly gtsmHops: number | undefined }): void {
    this.hops = hops;
  }

  stand(): void {
    this.#stands = true;
  }

  write(octets: readonly Uint8Array[], onAccepted: () => void): void {
    if (this.gone) return;
    this.#unaccepted.push(...octets.map((each) => each.slice()));
    this.#writes.push({ left: octets.reduce((sum, { length }) => sum + length, 0), onAccepted });
    this.#pump();
  }

  unacknowledgedOctets(): number {
    return this.gone ? 0 : this.#kernelOctets;
  }

  /** Without a kernel nobody asks. */
  keepAlive(): void {}

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.other?.wake();
  }

  end(): void {
    this.#fin = true;
    this.wake();
  }

  destroy(): void {
    if (this.gone) return;
    this.#fin = true;
    this.#handler = undefined;
    this.wake();
  }

  reset(): void {
    if (this.gone) return;
    this.gone = true;
    this.#network.clock.callSoon(() => {
      if (this.#reachable) this.other?.fail(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    });
  }

  /** It is no more. */
  fail(error: Error | undefined): void {
    if (this.gone) return;
    this.gone = true;
    this.#handler?.onClose(error);
  }

  wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#network.clock.callSoon(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  get #reachable(): boolean {
    return !this.#network.cut.has(this.remoteAddress) && !this.#network.cut.has(this.#local);
  }

  /** As much as the kernel has room for. */
  #pump(): void {
    while (this.#kernelOctets < KERNEL_OCTETS) {
      const next = this.#unaccepted.shift();
      if (next === undefined) break;
      const room = KERNEL_OCTETS - this.#kernelOctets;
      const taken = next.subarray(0, room);
      if (taken.length < next.length) this.#unaccepted.unshift(next.subarray(room));
      this.#kernel.push(taken);
      this.#kernelOctets += taken.length;
      this.#accepted(taken.length);
    }
    if (this.#kernelOctets > 0) this.wake();
  }

  #accepted(count: number): void {
    let rest = count;
    for (let first = this.#writes[0]; first !== undefined && rest > 0; first = this.#writes[0]) {
      const taken = Math.min(rest, first.left);
      first.left -= taken;
      rest -= taken;
      if (first.left > 0) break;
      this.#writes.shift();
      const { onAccepted } = first;
      queueMicrotask(() => {
        if (!this.gone) onAccepted();
      });
    }
  }

  #deliver(): void {
    const { other } = this;
    if (this.gone || other === undefined || !this.#stands || !this.#reachable) return;
    if (other.gone) {
      if (this.#kernelOctets > 0) this.fail(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      return;
    }
    if (other.#paused) return;
    const octets = Buffer.concat(this.#kernel);
    const chunk = octets.subarray(0, READ_OCTETS);
    this.#kernel = octets.length > chunk.length ? [octets.subarray(chunk.length)] : [];
    this.#kernelOctets = octets.length - chunk.length;
    if (chunk.length > 0) other.#handler?.onOctets(chunk);
    this.#pump();
    if (this.#fin && this.#kernelOctets === 0 && this.#unaccepted.length === 0 && !other.#paused) {
      this.gone = true;
      this.#handler?.onClose(undefined);
      other.fail(undefined);
    }
  }
}
