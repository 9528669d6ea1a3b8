import type { Endpoint } from '../../messages/message.ts';

/** Whether both are the same octets. */
export function equalOctets(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}

/** Whether both are the same address, octet by octet, and the same port. */
export function equalEndpoints(one: Endpoint, other: Endpoint): boolean {
  return one.port === other.port && equalOctets(one.address, other.address);
}
