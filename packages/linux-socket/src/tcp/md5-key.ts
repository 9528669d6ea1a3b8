import { constants } from 'node:os';
import { parseIpAddress } from '@steelyard/wire';
import { checkRange, resolveInterface } from '../interface-socket/interface.ts';
import type { NativeBinding, NativeDescriptor } from '../native.ts';
import { systemError } from '../system-error.ts';
import { encodeMd5Signature, mapped, SOL_TCP, unmapped } from './abi.ts';
import type { TcpMd5KeyOptions } from './options.ts';
import { checkDevice, checkMd5Key, md5Remedies } from './socket-options.ts';

const { ENOENT } = constants.errno;

/**
 * Sets, replaces or removes one key of a listener.
 *
 * @param ipv4Listener - Whether the listener is of IPv4 only; else keys of IPv4 peers are those of their IPv4-mapped addresses.
 */
export function setMd5Key(
  native: NativeBinding,
  listener: NativeDescriptor,
  subject: string,
  ipv4Listener: boolean,
  { address, prefixLength, device, key }: TcpMd5KeyOptions,
): void {
  const given = parseIpAddress(address);
  const octets = unmapped(given) ?? given;
  const bits = octets.length * 8;
  checkRange('prefixLength', prefixLength ?? bits, 0, bits);
  checkDevice(device);
  checkMd5Key('key', key);
  if (ipv4Listener && octets.length !== 4) throw new TypeError(`${address} cannot reach a listener of IPv4 only`);
  const counted = network(octets, prefixLength ?? bits);
  const { option, value } = encodeMd5Signature(
    {
      octets: ipv4Listener ? counted : mapped(counted),
      // A whole address is the key that older kernels know, too.
      prefixLength: prefixLength === bits ? undefined : prefixLength,
      interfaceIndex: device === undefined ? undefined : resolveInterface(native, { interfaceName: device }).index,
    },
    key,
  );
  const error = listener.setOption(SOL_TCP, option, value);
  value.fill(0);
  if (error < 0 && !(error === -ENOENT && key === undefined)) {
    throw systemError(error, 'setsockopt', `${subject}, MD5 key of ${address}`, md5Remedies[error]);
  }
}

/** The kernel compares all of the address when it looks for a key to replace: bits that do not count are 0. */
function network(octets: Uint8Array, prefixLength: number): Uint8Array {
  return octets.map((octet, i) => {
    const bits = Math.min(8, Math.max(0, prefixLength - i * 8));
    return octet & (0xff00 >> bits) & 0xff;
  });
}
