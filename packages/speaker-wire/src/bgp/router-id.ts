import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { crc32 } from 'node:zlib';
import { formatIpv4Address, numberToIpv4 } from '@steelyard/wire';

/**
 * The BGP identifier of a session for which none is configured, as MetalLB chooses it: the session's own address; else
 * the first IPv4 address of the interface that has it; else a checksum of the node's name.
 *
 * @param localAddress - The session's own address, perhaps with a zone.
 * @see MetalLB `internal/bgp/native/native.go`, `getRouterID`
 */
export function defaultRouterId(
  localAddress: string,
  nodeName: string,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
): string {
  if (!localAddress.includes(':')) return localAddress;
  const [address] = localAddress.split('%', 1);
  for (const infos of Object.values(interfaces)) {
    if (infos?.some((info) => info.address === address) !== true) continue;
    const first = infos.find(({ family }) => family === 'IPv4');
    if (first !== undefined) return first.address;
  }
  const checksum = crc32(nodeName);
  const littleEndian = numberToIpv4(checksum).reverse();
  return formatIpv4Address(checksum === 0 ? Uint8Array.of(0, 0, 0, 1) : littleEndian);
}
