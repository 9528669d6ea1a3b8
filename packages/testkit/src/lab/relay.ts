import { connect } from 'node:net';
import { listenInside, type NamespaceListener } from './listener.ts';
import type { Namespace } from './namespace.ts';

/**
 * Lets a namespace reach a server of this machine's own namespace at the very
 * same address, for example an API server at `http://127.0.0.1:6443`: no link
 * is used, so every link may be cut.
 */
export function relayInto(namespace: Namespace, url: string): Promise<NamespaceListener> {
  const { hostname, port, protocol } = new URL(url);
  const address = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? defaultPort(protocol) : port) };
  return listenInside(namespace, address, (inside) => {
    const outside = connect(address);
    for (const [one, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
}

function defaultPort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80;
}
