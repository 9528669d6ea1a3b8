import { isIpAddress, parseIpv4Address } from '@steelyard/wire';
import { type AddressFamily, afiSafiOf } from '../messages/address-family.ts';
import type { Capability } from '../messages/capability.ts';
import { type ParsedAddress, parseAddress } from './address.ts';
import type { BgpPeerOptions } from './options.ts';

/** A peer's options, checked, with their defaults. */
export interface PeerSettings {
  readonly options: BgpPeerOptions;
  readonly peer: ParsedAddress;
  readonly name: string;
  readonly port: number;
  readonly localAsn: number;
  readonly routerId: string | ((localAddress: string) => string);
  readonly sourceAddress: string | undefined;
  readonly md5Password: Uint8Array | undefined;
  readonly ttl: number;
  readonly families: readonly AddressFamily[];
  readonly capabilities: readonly Capability[];
  readonly passive: boolean;
  /** Nobody has named this peer: it has connected from a prefix, and is forgotten when it goes. */
  readonly dynamic: boolean;
}

/** What a peer takes from its speaker. */
export interface SpeakerDefaults {
  readonly asn: number | undefined;
  readonly routerId: string | undefined;
  readonly listens: boolean;
}

const BGP_PORT = 179;
const DEFAULT_TTL = 64;
const MAX_TTL = 255;
const MAX_ASN = 0xffff_ffff;
/** RFC 2385, as Linux has it: TCP_MD5SIG_MAXKEYLEN. */
const MAX_MD5_OCTETS = 80;
/** Linux, `IFNAMSIZ`, with the octet 0 at its end. */
const MAX_INTERFACE_NAME_OCTETS = 15;
const IPV6_AFI = 2;
const MAX_HOLD_TIME_SECONDS = 0xffff;
/** A timer beyond it is a mistake: 24 days, what setTimeout can. */
const MAX_TIME_MS = 0x7fff_ffff;

/**
 * Checks what a caller wants of a peer.
 *
 * @throws TypeError or RangeError that names the option. Never with the password in it.
 */
export function checkPeerOptions(options: BgpPeerOptions, speaker: SpeakerDefaults, dynamic = false): PeerSettings {
  const peer = checkAddress('address', options.address);
  if (peer.linkLocal && peer.zone === undefined) {
    throw new TypeError(
      `a link-local address needs its zone, as in fe80::1%eth0, got ${JSON.stringify(options.address)}`,
    );
  }
  const ipv4 = peer.octets.length === 4;
  if (options.sourceAddress !== undefined) {
    const source = checkAddress('sourceAddress', options.sourceAddress);
    if (source.octets.length !== peer.octets.length) {
      throw new TypeError(`sourceAddress ${source.address} and address ${peer.address} are of different families`);
    }
  }
  if (options.asn !== 'internal' && options.asn !== 'external') checkAsn('asn', options.asn);
  const localAsn = options.localAsn ?? speaker.asn;
  if (localAsn === undefined) throw new TypeError('neither the peer nor the speaker has an own AS number');
  checkAsn('localAsn', localAsn);
  const routerId = options.routerId ?? speaker.routerId;
  if (routerId === undefined) throw new TypeError('neither the peer nor the speaker has a BGP identifier');
  if (typeof routerId !== 'function') checkRouterId(routerId);
  checkHops(options);
  checkTimes(options);
  checkDevice(options.device);
  if (options.passive === true && !speaker.listens) throw new TypeError('a passive peer needs a speaker that listens');
  const families = checkFamilies(options.families ?? [ipv4 ? 'ipv4-unicast' : 'ipv6-unicast']);
  checkNextHop(options.nextHop);
  return {
    options,
    peer,
    name: options.name ?? options.address,
    port: checkInteger('port', options.port ?? BGP_PORT, 1, 65_535),
    localAsn,
    routerId,
    sourceAddress: options.sourceAddress,
    md5Password: checkMd5Password(options.md5Password),
    ttl: options.ttl ?? (options.gtsmHops === undefined ? DEFAULT_TTL : MAX_TTL),
    families,
    capabilities: options.capabilities ?? offeredCapabilities(options, families, localAsn),
    passive: dynamic || (options.passive ?? false),
    dynamic,
  };
}

/** @throws TypeError when it is no number from 1 to 4,294,967,295; 0 is RFC 7607's. */
export function checkAsn(name: string, asn: number): number {
  return checkInteger(name, asn, 1, MAX_ASN);
}

/**
 * RFC 6286: four octets, not all of them 0.
 *
 * @throws TypeError when it is none.
 */
export function checkRouterId(text: string): string {
  const octets = typeof text === 'string' && !text.includes(':') ? parseIpv4Address(text) : undefined;
  if (octets === undefined || octets.every((octet) => octet === 0)) {
    throw new TypeError(
      `a BGP identifier is four octets in dotted decimal, and not 0.0.0.0, got ${JSON.stringify(text)}`,
    );
  }
  return text;
}

/** @throws TypeError for what is no integer, RangeError for one that is too small or too large. */
export function checkInteger(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value)) throw new TypeError(`${name} is an integer, got ${JSON.stringify(value)}`);
  if (value < min || value > max) throw new RangeError(`${name} is from ${min} to ${max}, got ${value}`);
  return value;
}

/** In the order in which FRR has them; lean, for some routers fall over what they do not know. */
function offeredCapabilities(
  options: BgpPeerOptions,
  families: readonly AddressFamily[],
  localAsn: number,
): readonly Capability[] {
  const ipv4 = afiSafiOf('ipv4-unicast');
  return [
    ...families.map((family): Capability => ({ type: 'multiprotocol', ...afiSafiOf(family) })),
    { type: 'route-refresh' },
    ...(options.extendedNextHop === true
      ? [{ type: 'extended-next-hop', families: [{ ...ipv4, nextHopAfi: IPV6_AFI }] } as const]
      : []),
    ...(options.extendedMessages === true ? [{ type: 'extended-message' } as const] : []),
    { type: 'four-octet-asn', asn: localAsn },
    { type: 'enhanced-route-refresh' },
  ];
}

function checkAddress(name: string, text: string): ParsedAddress {
  const [bare = '', zone, ...more] = typeof text === 'string' ? text.split('%') : [];
  if (!isIpAddress(bare) || more.length > 0 || zone === '') {
    throw new TypeError(`${name} is an IP address, got ${JSON.stringify(text)}`);
  }
  const address = parseAddress(text);
  if (zone !== undefined && !address.linkLocal) {
    throw new TypeError(`only link-local addresses have a zone, got ${JSON.stringify(text)} as ${name}`);
  }
  return address;
}

function checkHops({ ttl, gtsmHops }: BgpPeerOptions): void {
  if (ttl !== undefined) checkInteger('ttl', ttl, 1, MAX_TTL);
  if (gtsmHops === undefined) return;
  checkInteger('gtsmHops', gtsmHops, 1, MAX_TTL - 1);
  if (ttl !== undefined && ttl !== MAX_TTL) throw new RangeError(`ttl is 255 with gtsmHops (RFC 5082), got ${ttl}`);
}

function checkTimes(options: BgpPeerOptions): void {
  const { holdTimeSeconds = 90 } = options;
  checkInteger('holdTimeSeconds', holdTimeSeconds, 0, MAX_HOLD_TIME_SECONDS);
  if (holdTimeSeconds === 1 || holdTimeSeconds === 2) {
    throw new RangeError(`holdTimeSeconds is 0, or at least 3 (RFC 4271, section 4.2), got ${holdTimeSeconds}`);
  }
  const times = [
    'keepaliveTimeMs',
    'connectRetryTimeMs',
    'delayOpenTimeMs',
    'idleHoldTimeMs',
    'maxIdleHoldTimeMs',
    'sendHoldTimeMs',
  ] as const;
  for (const name of times) {
    const value = options[name];
    if (value === undefined) continue;
    if (!Number.isFinite(value)) throw new TypeError(`${name} is a number, got ${JSON.stringify(value)}`);
    if (value <= 0 || value > MAX_TIME_MS)
      throw new RangeError(`${name} is above 0 and at most ${MAX_TIME_MS}, got ${value}`);
  }
}

/** The kernel's rule: `dev_valid_name` of net/core/dev.c. */
function checkDevice(device: string | undefined): void {
  if (device === undefined) return;
  const named =
    typeof device === 'string' &&
    device !== '.' &&
    device !== '..' &&
    /^[^/:\s\0]+$/u.test(device) &&
    Buffer.byteLength(device) <= MAX_INTERFACE_NAME_OCTETS;
  if (!named) throw new TypeError(`not the name of an interface: ${JSON.stringify(device)}`);
}

function checkFamilies(families: readonly AddressFamily[]): readonly AddressFamily[] {
  for (const family of families) {
    if (family !== 'ipv4-unicast' && family !== 'ipv6-unicast') {
      throw new TypeError(`not an address family: ${JSON.stringify(family)}`);
    }
  }
  if (families.length === 0) throw new TypeError('families has none');
  return [...new Set(families)];
}

function checkNextHop(nextHop: BgpPeerOptions['nextHop']): void {
  for (const [name, length] of [
    ['ipv4', 4],
    ['ipv6', 16],
  ] as const) {
    const text = nextHop?.[name];
    if (text === undefined) continue;
    if (!isIpAddress(text) || parseAddress(text).octets.length !== length) {
      throw new TypeError(`nextHop.${name} is an address of that family, got ${JSON.stringify(text)}`);
    }
  }
}

function checkMd5Password(password: string | Uint8Array | undefined): Uint8Array | undefined {
  if (password === undefined) return undefined;
  const octets = typeof password === 'string' ? new TextEncoder().encode(password) : password.slice();
  if (octets.length === 0 || octets.length > MAX_MD5_OCTETS) {
    throw new RangeError(`md5Password has 1 to ${MAX_MD5_OCTETS} octets, got ${octets.length}`);
  }
  return octets;
}
