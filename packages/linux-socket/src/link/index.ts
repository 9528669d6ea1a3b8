/**
 * Interfaces, their addresses and the default gateways of a network namespace, as rtnetlink(7) tells them: at once, not by polling.
 * Needs no privilege.
 *
 * @packageDocumentation
 */
import { loadNative } from '../native.ts';
import { type LinkWatcher, type WatchLinksOptions, watchLinksOn } from './watch-links.ts';

export type { SystemError } from '../system-error.ts';
export type { NetlinkDecodeCode } from './netlink.ts';
export type { Link, NetworkView } from './network-table.ts';
export type { AddressScope, LinkAddress, LinkAttributes } from './rtnetlink.ts';
export type { LinkWatcher, WatchLinksOptions } from './watch-links.ts';

/**
 * Watches the links of this network namespace. When the promise resolves, `view` is complete.
 *
 * @throws {@link SystemError}, as a rejection: `EMFILE`, …
 */
export async function watchLinks(options: WatchLinksOptions): Promise<LinkWatcher> {
  return await watchLinksOn(loadNative(), options);
}
