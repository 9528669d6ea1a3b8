import { createOctetReader } from '@steelyard/wire';
import type { Capability } from '../capability.ts';
import { CAPABILITY_CODE } from './capability-code.ts';

/** Reads a value, or says by undefined that it cannot be read. */
type ValueReader = (value: Uint8Array) => Capability | undefined;

/** Views of `size` octets each, or undefined where the value is no multiple of that. */
function entriesOf(value: Uint8Array, size: number): DataView[] | undefined {
  if (value.length % size !== 0) return undefined;
  return Array.from(
    { length: value.length / size },
    (_, i) => new DataView(value.buffer, value.byteOffset + i * size, size),
  );
}

/** A capability that says all by being there. */
function bare(capability: Capability): ValueReader {
  return (value) => (value.length === 0 ? capability : undefined);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text with its length before it. Text that is not UTF-8 is none: it would not be the same when written again. */
function textsOf(value: Uint8Array, count: number): string[] | undefined {
  const reader = createOctetReader(value);
  const texts: string[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const octets = reader.octets(reader.uint8());
      if (reader.overrun) return undefined;
      texts.push(UTF8.decode(octets));
    }
  } catch {
    return undefined;
  }
  return reader.remaining === 0 ? texts : undefined;
}

/** RFC 4760, section 8: AFI, Reserved, SAFI. */
const multiprotocol: ValueReader = (value) => {
  const entry = value.length === 4 ? entriesOf(value, 4)?.[0] : undefined;
  return entry && { type: 'multiprotocol', afi: entry.getUint16(0), safi: entry.getUint8(3) };
};

/** RFC 8950, section 4. */
const extendedNextHop: ValueReader = (value) => {
  const families = entriesOf(value, 6)?.map((entry) => ({
    afi: entry.getUint16(0),
    safi: entry.getUint16(2),
    nextHopAfi: entry.getUint16(4),
  }));
  return families && { type: 'extended-next-hop', families };
};

/** RFC 9234, section 4.1. */
const role: ValueReader = (value) => (value.length === 1 ? { type: 'role', role: value[0] ?? 0 } : undefined);

/** RFC 4724, section 3, and RFC 8538, section 2. */
const gracefulRestart: ValueReader = (value) => {
  const families = value.length < 2 ? undefined : entriesOf(value.subarray(2), 4);
  if (families === undefined) return undefined;
  const head = ((value[0] ?? 0) << 8) | (value[1] ?? 0);
  return {
    type: 'graceful-restart',
    restarting: (head & 0x8000) !== 0,
    notification: (head & 0x4000) !== 0,
    restartTimeSeconds: head & 0xfff,
    families: families.map((entry) => ({
      afi: entry.getUint16(0),
      safi: entry.getUint8(2),
      forwardingPreserved: (entry.getUint8(3) & 0x80) !== 0,
    })),
  };
};

/** RFC 6793, section 3. */
const fourOctetAsn: ValueReader = (value) => {
  const entry = value.length === 4 ? entriesOf(value, 4)?.[0] : undefined;
  return entry && { type: 'four-octet-asn', asn: entry.getUint32(0) };
};

/** RFC 7911, section 4: with any other Send/Receive than 1, 2, 3 the capability is taken for one not understood. */
const addPath: ValueReader = (value) => {
  const entries = entriesOf(value, 4);
  if (entries?.some((entry) => entry.getUint8(3) < 1 || entry.getUint8(3) > 3)) return undefined;
  const families = entries?.map((entry) => ({
    afi: entry.getUint16(0),
    safi: entry.getUint8(2),
    send: (entry.getUint8(3) & 2) !== 0,
    receive: (entry.getUint8(3) & 1) !== 0,
  }));
  return families && { type: 'add-path', families };
};

/** RFC 9494, section 3.1. */
const longLivedGracefulRestart: ValueReader = (value) => {
  const families = entriesOf(value, 7)?.map((entry) => ({
    afi: entry.getUint16(0),
    safi: entry.getUint8(2),
    forwardingPreserved: (entry.getUint8(3) & 0x80) !== 0,
    staleTimeSeconds: entry.getUint32(3) & 0xff_ffff,
  }));
  return families && { type: 'long-lived-graceful-restart', families };
};

/** draft-walton-bgp-hostname-capability, section 3. */
const fqdn: ValueReader = (value) => {
  const [hostName, domainName] = textsOf(value, 2) ?? [];
  return hostName === undefined || domainName === undefined ? undefined : { type: 'fqdn', hostName, domainName };
};

/** draft-abraitis-bgp-version-capability, section 3. */
const softwareVersion: ValueReader = (value) => {
  const [version] = textsOf(value, 1) ?? [];
  return version === undefined ? undefined : { type: 'software-version', version };
};

const READERS: ReadonlyMap<number, ValueReader> = new Map<number, ValueReader>([
  [CAPABILITY_CODE.multiprotocol, multiprotocol],
  [CAPABILITY_CODE['route-refresh'], bare({ type: 'route-refresh' })],
  [CAPABILITY_CODE['extended-next-hop'], extendedNextHop],
  [CAPABILITY_CODE['extended-message'], bare({ type: 'extended-message' })],
  [CAPABILITY_CODE.role, role],
  [CAPABILITY_CODE['graceful-restart'], gracefulRestart],
  [CAPABILITY_CODE['four-octet-asn'], fourOctetAsn],
  [CAPABILITY_CODE['add-path'], addPath],
  [CAPABILITY_CODE['enhanced-route-refresh'], bare({ type: 'enhanced-route-refresh' })],
  [CAPABILITY_CODE['long-lived-graceful-restart'], longLivedGracefulRestart],
  [CAPABILITY_CODE.fqdn, fqdn],
  [CAPABILITY_CODE['software-version'], softwareVersion],
  [CAPABILITY_CODE['cisco-route-refresh'], bare({ type: 'cisco-route-refresh' })],
]);

/**
 * Reads a capability's value.
 *
 * A known one whose value cannot be read stays `unknown`, and so is ignored as RFC 5492, section 3, wants of any that is
 * not understood (RFC 7911, section 4, says it of its own): the session does without what it stands for. That a peer's
 * code of tomorrow breaks no session of today is worth more than telling the peer. Only a 65 that cannot be read ends
 * the session, in `decodeOpen`: without it nobody knows who the peer is.
 */
export function decodeCapability(code: number, value: Uint8Array): Capability {
  return READERS.get(code)?.(value) ?? { type: 'unknown', code, value: value.slice() };
}
