import type { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import {
  connectTcp,
  listenTcp,
  readTcpMd5Counters,
  setTcpOptions,
  type TcpListener,
  unsentOctets,
} from '@steelyard/linux-socket/tcp';
import { formatAddress, parseAddress } from '../address.ts';
import type { InterfaceAddress } from './interface-address.ts';
import type { Connection, ConnectionHandler, DialOptions, Listener, ListenOptions, Transport } from './transport.ts';

/** DSCP CS6, for routing protocols: RFC 4594, section 3.2. */
const TRAFFIC_CLASS = 0xc0;
const MAX_TTL = 255;

/** TCP of this host. */
export const linuxTransport: Transport = {
  dial(options: DialOptions, handler: ConnectionHandler): Connection {
    const { address, port, sourceAddress, device, md5Password } = options;
    const socket = connectTcp({
      address,
      port,
      localAddress: sourceAddress,
      device,
      md5Key: md5Password,
      trafficClass: TRAFFIC_CLASS,
      ...hopOptions(options),
    });
    const connection = new TcpConnection(socket, address, port);
    connection.handle(handler);
    return connection;
  },

  async listen({ address, port, gtsmHops, onConnection, onError }: ListenOptions): Promise<Listener> {
    const listener = await listenTcp({
      address,
      port,
      trafficClass: TRAFFIC_CLASS,
      // RFC 5082, section 3: a peer with GTSM drops a SYN-ACK that has less. Who it is for is known later: then its own counts.
      ...hopOptions({ ttl: MAX_TTL, gtsmHops }),
      onConnection: (socket, peer) => onConnection(new TcpConnection(socket, peer.remoteAddress, peer.remotePort)),
      onError,
    });
    return listenerOf(listener, onError);
  },

  interfaceAddresses(): readonly InterfaceAddress[] {
    return Object.entries(networkInterfaces()).flatMap(([interfaceName, addresses = []]) =>
      addresses.map(({ address, cidr }) => ({
        interfaceName,
        address: parseAddress(address).address,
        prefixLength: Number(cidr?.split('/')[1] ?? 0),
      })),
    );
  },

  async droppedForMd5(): Promise<number | undefined> {
    try {
      const { notFound, unexpected, failure } = await readTcpMd5Counters();
      return notFound + unexpected + failure;
    } catch {
      return undefined; // a diagnosis that is not to be had is no failure
    }
  },
};

/** RFC 5082, section 3: what came over more hops has a lower TTL than this. */
function hopOptions({ ttl, gtsmHops }: Pick<DialOptions, 'ttl' | 'gtsmHops'>): { ttl: number; minTtl?: number } {
  return gtsmHops === undefined ? { ttl } : { ttl, minTtl: MAX_TTL + 1 - gtsmHops };
}

function listenerOf(listener: TcpListener, onError: (error: Error) => void): Listener {
  return {
    port: listener.port,
    setMd5Password(prefix, key) {
      const { address, octets } = parseAddress(prefix.address);
      const whole = prefix.length === octets.length * 8;
      try {
        listener.setMd5Key({ address, key, ...(whole ? {} : { prefixLength: prefix.length }) });
      } catch (error) {
        // To remove a key that was never there is what was wanted.
        if (key !== undefined) onError(error as Error);
      }
    },
    close: () => listener.close(),
  };
}

class TcpConnection implements Connection {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: Socket;
  #handler: ConnectionHandler | undefined;
  #localAddress: string | undefined;
  #error: Error | undefined;
  #ended: boolean = false;

  constructor(socket: Socket, remoteAddress: string, remotePort: number) {
    this.#socket = socket;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    socket.setNoDelay(true);
    this.#lookUpLocalAddress();
    socket.on('connect', () => {
      this.#lookUpLocalAddress();
      this.#handler?.onConnect();
    });
    // A Buffer's slice() is a view, and a Uint8Array's a copy: the core is meant to have what it expects.
    socket.on('data', ({ buffer, byteOffset, length }) =>
      this.#handler?.onOctets(new Uint8Array(buffer, byteOffset, length)),
    );
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('end', () => this.#closed());
    socket.on('close', () => this.#closed());
  }

  get localAddress(): string | undefined {
    return this.#localAddress;
  }

  handle(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  setHops(hops: Pick<DialOptions, 'ttl' | 'gtsmHops'>): void {
    setTcpOptions(this.#socket, hopOptions(hops));
  }

  write(octets: readonly Uint8Array[], onAccepted: () => void): void {
    if (!this.#socket.writable) return;
    // One write of the system: a copy costs less than so many vectors.
    const [first = new Uint8Array(), ...more] = octets;
    const whole = more.length === 0 ? first : Buffer.concat(octets);
    this.#socket.write(whole, (error) => {
      if (error === null || error === undefined) onAccepted();
    });
  }

  unacknowledgedOctets(): number | undefined {
    return unsentOctets(this.#socket);
  }

  keepAlive(idleMs: number): void {
    this.#socket.setKeepAlive(true, idleMs);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#handler = undefined;
    this.#socket.destroy();
  }

  reset(): void {
    this.#handler = undefined;
    // While it is being connected there is nobody to tell.
    if (this.#socket.connecting) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  #closed(): void {
    if (this.#ended) return;
    this.#ended = true;
    const handler = this.#handler;
    this.#handler = undefined;
    this.#socket.destroy();
    handler?.onClose(this.#error);
  }

  #lookUpLocalAddress(): void {
    const text = this.#socket.localAddress;
    if (text === undefined) return;
    const local = parseAddress(text);
    const zone = local.zone ?? parseAddress(this.remoteAddress).zone;
    this.#localAddress = formatAddress({ ...local, zone });
  }
}
