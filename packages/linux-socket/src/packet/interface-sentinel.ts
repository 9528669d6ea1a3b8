import { encodeBpfProgram } from '../bpf.ts';
import { InterfaceSocket } from '../interface-socket/interface-socket.ts';
import type { NativeBinding } from '../native.ts';
import { SOCK_RAW } from '../socket-abi.ts';
import { AF_PACKET, isUnbound, packetAddress } from './abi.ts';

/** An EtherType for experiments (IEEE 802, "Local Experimental Ethertype 2"), of which nothing is wanted. */
const ETHERTYPE = 0x88b6;
/** ret #0 */
const ACCEPT_NOTHING = [{ code: 0x06, jt: 0, jf: 0, k: 0 }];

/**
 * A packet socket that receives nothing: the kernel tells packet sockets, and no other, that their interface goes down or away.
 * It does not keep the thread alive.
 *
 * @param onError - Gets `ENETDOWN`, and `ENODEV` when the interface is gone for good.
 */
export function openInterfaceSentinel(
  native: NativeBinding,
  interfaceIndex: number,
  subject: string,
  onError: (error: Error) => void,
): InterfaceSocket {
  const nothing = { octets: new Uint8Array(1), results: new Int32Array(2), addresses: new Uint8Array(32) };
  const sentinel = new InterfaceSocket(
    native,
    {
      subject,
      receive: (descriptor) => descriptor.receive(nothing.octets, nothing.results, nothing.addresses),
      deliver: () => {},
      isGone: (descriptor) => isUnbound(descriptor, interfaceIndex),
      onError,
      onWritable: () => {},
    },
    [AF_PACKET, SOCK_RAW, 0],
    (socket, descriptor) => {
      socket.attachFilter(encodeBpfProgram(ACCEPT_NOTHING));
      socket.require(descriptor.bind(packetAddress(interfaceIndex, ETHERTYPE)), 'bind');
    },
  );
  sentinel.unref();
  return sentinel;
}
