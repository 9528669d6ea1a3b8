import type { NativeBinding } from '../native.ts';
import { systemError } from '../system-error.ts';

/** How an interface is named by the user: by exactly one of the two. */
export interface InterfaceChoice {
  readonly interfaceName?: string | undefined;
  readonly interfaceIndex?: number | undefined;
}

/** An interface of the network namespace of this process. */
export interface Interface {
  readonly index: number;
  readonly name: string;
}

/** @throws TypeError or RangeError for what cannot be the name or index of an interface. */
export function checkInterfaceChoice({ interfaceName, interfaceIndex }: InterfaceChoice): void {
  if ((interfaceName === undefined) === (interfaceIndex === undefined)) {
    throw new TypeError('either interfaceName or interfaceIndex is needed');
  }
  if (interfaceName !== undefined && !isInterfaceName(interfaceName)) {
    throw new TypeError(`not the name of an interface: ${JSON.stringify(interfaceName)}`);
  }
  checkRange('interfaceIndex', interfaceIndex ?? 1, 1, 0x7fff_ffff);
}

/** @throws {@link SystemError}: `ENODEV` (no such name), `ENXIO` (no such index). */
export function resolveInterface(native: NativeBinding, { interfaceName, interfaceIndex }: InterfaceChoice): Interface {
  if (interfaceName !== undefined) {
    const index = native.interfaceIndex(interfaceName);
    if (index < 0) throw systemError(index, 'if_nametoindex', `interface ${JSON.stringify(interfaceName)}`);
    return { index, name: interfaceName };
  }
  const index = interfaceIndex ?? 0;
  const name = native.interfaceName(index);
  if (typeof name === 'number') throw systemError(name, 'if_indextoname', `interface with index ${index}`);
  return { index, name };
}

/** @throws RangeError unless `value` is an integer from `minimum` to `maximum`. */
export function checkRange(name: string, value: number, minimum: number, maximum: number): void {
  if (!(Number.isInteger(value) && value >= minimum && value <= maximum)) {
    throw new RangeError(`${name} is ${minimum} to ${maximum}, got ${JSON.stringify(value)}`);
  }
}

/** The kernel's rule: `dev_valid_name` of net/core/dev.c. */
export function isInterfaceName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name !== '.' &&
    name !== '..' &&
    /^[^/:\s\0]{1,15}$/u.test(name) &&
    new TextEncoder().encode(name).length <= 15
  );
}
