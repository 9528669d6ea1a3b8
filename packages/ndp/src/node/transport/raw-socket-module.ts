import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/** What is used of a socket of npm `raw-socket`. */
export interface RawSocket {
  on(event: 'message', listener: (message: Buffer, source: string) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'close', listener: () => void): void;
  setOption(level: number, option: number, value: number): void;
  setOption(level: number, option: number, value: Buffer, length: number): void;
  send(
    octets: Buffer,
    offset: number,
    length: number,
    address: string,
    done: (error: Error | null, sent: number) => void,
  ): void;
  close(): void;
}

/** What is used of npm `raw-socket`, which brings no types. */
export interface RawSocketModule {
  readonly AddressFamily: { readonly IPv6: number };
  readonly Protocol: { readonly ICMPv6: number };
  createSocket(options: { protocol: number; addressFamily: number; bufferSize: number }): RawSocket;
}

const missing = (message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code: 'ERR_NDP_TRANSPORT_MISSING' });

/**
 * Loads npm `raw-socket`, which is there only if somebody has installed and compiled it.
 *
 * @throws `ERR_NDP_TRANSPORT_MISSING` where it cannot be used.
 */
export function loadRawSocket(): RawSocketModule {
  // It watches the loop of the main thread, wherever it is loaded.
  if (!isMainThread) throw missing('raw-socket works in the main thread only');
  const require = createRequire(import.meta.url);
  try {
    return require('raw-socket') as RawSocketModule;
  } catch (error) {
    throw missing('raw-socket is not installed, or was not compiled for this Node.js', error);
  }
}
