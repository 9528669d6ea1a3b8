import type { InterfaceAddress } from './interface-address.ts';

/** Where sessions come from: TCP, or in tests something like it. */
export interface Transport {
  /** Begins a connection. Never throws for what the system refuses: that is `onClose`, in a later turn. */
  dial(options: DialOptions, handler: ConnectionHandler): Connection;
  /** @throws the system's error where it cannot be listened. */
  listen(options: ListenOptions): Promise<Listener>;
  /** The addresses of this host, as they are now. */
  interfaceAddresses(): readonly InterfaceAddress[];
  /**
   * Segments that this host dropped because of TCP MD5, since it was started: of any connection, for the kernel counts
   * them together. Undefined where nobody counts.
   */
  droppedForMd5(): Promise<number | undefined>;
}

/** How a connection is begun. */
export interface DialOptions {
  /** A link-local one with its zone. */
  readonly address: string;
  readonly port: number;
  readonly sourceAddress: string | undefined;
  readonly device: string | undefined;
  readonly md5Password: Uint8Array | undefined;
  readonly ttl: number;
  readonly gtsmHops: number | undefined;
}

/** Where connections are awaited. */
export interface ListenOptions {
  readonly address: string;
  readonly port: number;
  /** Of all who connect. */
  readonly gtsmHops?: number | undefined;
  /** The handler is to be set in the same turn. */
  onConnection(connection: Connection): void;
  /** Whatever goes wrong afterwards. */
  onError(error: Error): void;
}

/** What happens to a connection. */
export interface ConnectionHandler {
  /** Of a dialled one: it stands. */
  onConnect(): void;
  /** A view, valid until it returns. */
  onOctets(octets: Uint8Array): void;
  /** It is gone, or never came to be. Nothing follows. The peer's FIN is one, too. */
  onClose(error: Error | undefined): void;
}

/** A stream of octets to a peer. */
export interface Connection {
  /** Canonical and without `::ffff:`; with its zone where it is link-local; undefined until it stands. */
  readonly localAddress: string | undefined;
  readonly remoteAddress: string;
  readonly remotePort: number;
  handle(handler: ConnectionHandler): void;
  /** Of a peer that is recognised only after it has connected. */
  setHops(hops: { readonly ttl: number; readonly gtsmHops: number | undefined }): void;
  /**
   * @param onAccepted - Called once, when the system has taken all of it; never, if it does not.
   */
  write(octets: readonly Uint8Array[], onAccepted: () => void): void;
  /** Octets that the peer has not acknowledged yet; undefined where that cannot be known. */
  unacknowledgedOctets(): number | undefined;
  /** SO_KEEPALIVE: a peer from which nothing came for so long is asked, and `onClose` follows where it does not answer. */
  keepAlive(idleMs: number): void;
  pause(): void;
  resume(): void;
  /** FIN, after what was written. */
  end(): void;
  /** At once, as if the process had ended. `onClose` does not follow. */
  destroy(): void;
  /** At once, and the peer is told by an RST: it has what was written, or never gets it. `onClose` does not follow. */
  reset(): void;
}

/** A port on which connections are awaited. */
export interface Listener {
  readonly port: number;
  /** Whoever comes from there has to know the password. The last one given for a prefix counts; undefined: none. */
  setMd5Password(prefix: AddressPrefix, password: Uint8Array | undefined): void;
  close(): Promise<void>;
}

/** Addresses that begin with the same bits. */
export interface AddressPrefix {
  readonly address: string;
  readonly length: number;
}
