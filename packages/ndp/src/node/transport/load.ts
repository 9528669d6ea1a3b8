import { openIcmpv6Transport } from './icmpv6.ts';
import { openPacketTransport } from './packet.ts';
import { rawSocketTransport } from './raw-socket.ts';
import { loadRawSocket } from './raw-socket-module.ts';
import type { NdpTransportName, OpenNdpTransport } from './transport.ts';

/**
 * The way to open a transport.
 *
 * @throws TypeError for a name that is none; `ERR_NDP_TRANSPORT_MISSING` where npm `raw-socket` cannot be used.
 */
export function loadTransport(name: NdpTransportName): OpenNdpTransport {
  switch (name) {
    case 'packet':
      return openPacketTransport;
    case 'icmpv6':
      return openIcmpv6Transport;
    case 'raw-socket':
      return rawSocketTransport(loadRawSocket());
    default:
      throw new TypeError(`not a transport: ${JSON.stringify(name)}`);
  }
}
