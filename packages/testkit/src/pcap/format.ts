/**
 * The classic pcap file format, which tcpdump and Wireshark read.
 *
 * @see {@link https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html | draft-ietf-opsawg-pcap}
 */

/** Octets of a frame that are kept at most. */
export const SNAPSHOT_OCTETS = 65_535;
/** Times in microseconds. */
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const LINKTYPE_ETHERNET = 1;

/** What a file starts with. */
export function pcapHeader(): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, MAGIC_MICROSECONDS);
  view.setUint16(4, 2); // version 2.4
  view.setUint16(6, 4);
  view.setUint32(16, SNAPSHOT_OCTETS);
  view.setUint32(20, LINKTYPE_ETHERNET);
  return new Uint8Array(view.buffer);
}

/** A frame and the time when it was seen, in milliseconds since 1970. */
export function pcapRecord(frame: Uint8Array, atMs: number): Uint8Array {
  const kept = frame.subarray(0, SNAPSHOT_OCTETS);
  const record = new Uint8Array(16 + kept.length);
  const view = new DataView(record.buffer);
  const seconds = Math.floor(atMs / 1000);
  view.setUint32(0, seconds);
  view.setUint32(4, Math.min(999_999, Math.round((atMs - seconds * 1000) * 1000)));
  view.setUint32(8, kept.length);
  view.setUint32(12, frame.length);
  record.set(kept, 16);
  return record;
}
