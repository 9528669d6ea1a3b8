import { openSync } from 'node:fs';
import { ADDRESS_OCTETS, type NativeBinding, type NativeDescriptor } from '../src/native.ts';

/** A datagram or frame that the scripted kernel delivers. */
interface Delivery {
  readonly octets: Uint8Array;
  readonly address?: Uint8Array;
  readonly flags?: number;
  /** Its `struct cmsghdr[]`. */
  readonly control?: Uint8Array;
}

/** A kernel that does what a test says and writes down what it was asked for. */
export interface ScriptedKernel extends NativeBinding {
  /** System calls in their order, as `name(arguments)`. */
  readonly calls: string[];
  /** Results of the next calls of a name; without one they succeed. */
  readonly refusals: Map<string, number[]>;
  /** What recvmmsg gives, batch by batch; a number is an error. */
  readonly queue: (readonly Delivery[] | number)[];
  /** What was sent. */
  readonly sent: Uint8Array[];
  /** Addresses of those who connect, as accept gives them; a number is an error. */
  readonly connections: (Uint8Array | number)[];
  /** Events that the socket opened last is watched for. */
  watched(): number;
  /** Wakes the socket opened last up. */
  ready(status: number, events: number): void;
  /** Wakes up the socket that was opened first, for doors that open two. */
  readyFirst(status: number, events: number): void;
  /** Sockets that are open. */
  open(): number;
  /** Names of the interfaces, by index. */
  readonly interfaces: Map<number, string>;
  /** What getsockname says. */
  localAddress: Uint8Array;
}

export function createScriptedKernel(): ScriptedKernel {
  const calls: string[] = [];
  const refusals = new Map<string, number[]>();
  const queue: (readonly Delivery[] | number)[] = [];
  const sent: Uint8Array[] = [];
  const connections: (Uint8Array | number)[] = [];
  const interfaces = new Map([[3, 'eth0']]);
  const descriptors: ScriptedDescriptor[] = [];

  function call(name: string, ...words: readonly unknown[]): number {
    calls.push(`${name}(${words.join(', ')})`);
    return refusals.get(name)?.shift() ?? 0;
  }

  class ScriptedDescriptor implements NativeDescriptor {
    onReady: ((status: number, events: number) => void) | undefined;
    watched = 0;
    opened = false;
    constructor() {
      descriptors.push(this);
    }
    open(domain: number, type: number, protocol: number): number {
      const result = call('open', domain, type, protocol);
      this.opened = result >= 0;
      return result;
    }
    close(): void {
      this.watched = 0;
      this.opened = false;
      call('close');
    }
    release(): number {
      const result = call('release');
      if (result < 0) return result;
      this.watched = 0;
      this.opened = false;
      return openSync('/dev/null', 'r'); // a descriptor to close, and no socket
    }
    watch(events: number): number {
      this.watched = events;
      return call('watch', events);
    }
    keepAlive(yes: boolean): void {
      call('keepAlive', yes);
    }
    bind(address: Uint8Array): number {
      return call('bind', Buffer.from(address).toString('hex'));
    }
    listen(backlog: number): number {
      return call('listen', backlog);
    }
    accept(into: ScriptedDescriptor, address: Uint8Array): number {
      const peer = connections.shift() ?? -11;
      if (typeof peer === 'number') return peer;
      call('accept');
      into.opened = true;
      address.set(peer);
      return peer.length;
    }
    localAddress(into: Uint8Array): number {
      into.set(kernel.localAddress.subarray(0, into.length));
      return call('localAddress');
    }
    setOption(level: number, name: number, value: Uint8Array): number {
      return call('setOption', level, name, Buffer.from(value).toString('hex'));
    }
    getOption(level: number, name: number, into: Uint8Array): number {
      const result = call('getOption', level, name);
      if (result >= 0) into.set([9, 0, 0, 0, 5, 0, 0, 0]);
      return result;
    }
    attachFilter(program: Uint8Array): number {
      return call('attachFilter', program.length / 8);
    }
    send(octets: Uint8Array, address?: Uint8Array, control?: Uint8Array): number {
      const words = [address, control].flatMap((view) =>
        view === undefined ? [] : [Buffer.from(view).toString('hex')],
      );
      const result = call('send', octets.length, ...words);
      if (result < 0) return result;
      sent.push(octets.slice());
      return octets.length;
    }
    receive(octets: Uint8Array, results: Int32Array, addresses: Uint8Array, control?: Uint8Array): number {
      const batch = queue.shift() ?? -11;
      if (typeof batch === 'number') return batch;
      const share = octets.length / (results.length / 2);
      for (const [i, delivery] of batch.entries()) {
        octets.set(delivery.octets.subarray(0, share), i * share);
        results[i * 2] = delivery.octets.length;
        results[i * 2 + 1] = (delivery.flags ?? 0) | (delivery.octets.length > share ? 0x20 : 0);
        addresses.fill(0, i * ADDRESS_OCTETS, (i + 1) * ADDRESS_OCTETS);
        if (delivery.address !== undefined) addresses.set(delivery.address, i * ADDRESS_OCTETS);
        const controlShare = (control?.length ?? 0) / (results.length / 2);
        control?.fill(0, i * controlShare, (i + 1) * controlShare);
        if (delivery.control !== undefined) control?.set(delivery.control, i * controlShare);
      }
      return batch.length;
    }
  }

  const kernel: ScriptedKernel = {
    Descriptor: ScriptedDescriptor,
    interfaces,
    interfaceIndex: (name) => [...interfaces].find(([, other]) => other === name)?.[0] ?? -19,
    interfaceName: (index) => interfaces.get(index) ?? -6,
    setReleasedOption: (_fd, level, name, value) =>
      call('setReleasedOption', level, name, Buffer.from(value).toString('hex')),
    unacknowledged: () => call('unacknowledged'),
    connections,
    calls,
    refusals,
    queue,
    sent,
    watched: () => descriptors.at(-1)?.watched ?? 0,
    ready: (status, events) => descriptors.at(-1)?.onReady?.(status, events),
    readyFirst: (status, events) => descriptors[0]?.onReady?.(status, events),
    open: () => descriptors.filter(({ opened }) => opened).length,
    localAddress: new Uint8Array(32),
  };
  return kernel;
}
