import { openPacketTransport } from './packet.ts';
import type { NdpTransportName, OpenNdpTransport } from './transport.ts';

/**
 * Loads a transport.
 *
 * @throws TypeError for a name that is none.
 */
export function loadTransport(name: NdpTransportName): Promise<OpenNdpTransport> {
  switch (name) {
    case 'packet':
      return Promise.resolve(openPacketTransport);
    default:
      return Promise.reject(new TypeError(`not a transport: ${JSON.stringify(name)}`));
  }
}
