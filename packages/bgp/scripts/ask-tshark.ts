/**
 * Lets tshark judge what this package writes: `node --conditions=@steelyard/source scripts/ask-tshark.ts`.
 *
 * Prints what tshark reads of every OPEN, NOTIFICATION, KEEPALIVE and ROUTE-REFRESH below, and fails when it finds one of
 * them malformed. It needs tshark and text2pcap.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Capability } from '../src/messages/capability.ts';
import { encodeMessage } from '../src/messages/encode-message.ts';
import type { OpenMessage } from '../src/messages/message.ts';
import { hardReset } from '../src/messages/notification/hard-reset.ts';
import { shutdownCommunication } from '../src/messages/notification/shutdown-communication.ts';

const IPV4 = { afi: 1, safi: 1 };
const IPV6 = { afi: 2, safi: 1 };

const capabilities: readonly Capability[] = [
  { type: 'multiprotocol', ...IPV4 },
  { type: 'multiprotocol', ...IPV6 },
  { type: 'route-refresh' },
  { type: 'extended-next-hop', families: [{ ...IPV4, nextHopAfi: 2 }] },
  { type: 'extended-message' },
  { type: 'role', role: 3 },
  {
    type: 'graceful-restart',
    restarting: true,
    notification: true,
    restartTimeSeconds: 120,
    families: [
      { ...IPV4, forwardingPreserved: true },
      { ...IPV6, forwardingPreserved: false },
    ],
  },
  { type: 'four-octet-asn', asn: 4_200_000_001 },
  {
    type: 'add-path',
    families: [
      { ...IPV4, send: true, receive: true },
      { ...IPV6, send: false, receive: true },
    ],
  },
  { type: 'enhanced-route-refresh' },
  {
    type: 'long-lived-graceful-restart',
    families: [{ ...IPV4, forwardingPreserved: true, staleTimeSeconds: 70_000 }],
  },
  { type: 'fqdn', hostName: 'node-1', domainName: 'example.org' },
  { type: 'software-version', version: 'Steelyard/0.1.0' },
  { type: 'cisco-route-refresh' },
];

const open = (offered: readonly Capability[]): Uint8Array =>
  encodeMessage({
    type: 'open',
    version: 4,
    myAutonomousSystem: 23_456,
    holdTimeSeconds: 90,
    bgpIdentifier: '192.0.2.1',
    capabilities: offered,
  } satisfies OpenMessage);

const notification = (errorCode: number, errorSubcode: number, data: Uint8Array = new Uint8Array()): Uint8Array =>
  encodeMessage({ type: 'notification', errorCode, errorSubcode, data });

/** Subcodes from 0 on, by error code. */
const SUBCODES: readonly (readonly [errorCode: number, last: number])[] = [
  [1, 3],
  [2, 11],
  [3, 11],
  [4, 0],
  [5, 3],
  [6, 10],
  [7, 1],
  [8, 0],
];

const messages: readonly Uint8Array[] = [
  open([]),
  ...capabilities.map((capability) => open([capability])),
  open(capabilities),
  open([...capabilities, { type: 'unknown', code: 200, value: new Uint8Array(200) }]),
  encodeMessage({ type: 'keepalive' }),
  ...[0, 1, 2].map((subtype) => encodeMessage({ type: 'route-refresh', ...IPV6, subtype })),
  ...SUBCODES.flatMap(([errorCode, last]) =>
    Array.from({ length: last + 1 }, (_, errorSubcode) => notification(errorCode, errorSubcode)),
  ),
  notification(6, 2, shutdownCommunication('Wartung bis 18 Uhr – 保守')),
  notification(6, 4, shutdownCommunication('x'.repeat(300))),
  notification(2, 1, Uint8Array.of(0, 4)),
  encodeMessage(hardReset({ errorCode: 6, errorSubcode: 2, data: shutdownCommunication('gone for good') })),
];

/** The lines of text2pcap's hex dump: an offset and octets. */
function hexDump(octets: Uint8Array): string {
  const hex = Array.from(octets, (octet) => octet.toString(16).padStart(2, '0'));
  return `000000 ${hex.join(' ')}\n`;
}

const folder = mkdtempSync(join(tmpdir(), 'ask-tshark-'));
try {
  const dump = join(folder, 'in.hex');
  const capture = join(folder, 'out.pcap');
  writeFileSync(dump, messages.map(hexDump).join(''));
  execFileSync('text2pcap', ['-q', '-4', '192.0.2.1,192.0.2.2', '-T', '40000,179', dump, capture]);
  const text = execFileSync('tshark', ['-r', capture, '-O', 'bgp'], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const found = text.split('\n').filter((line) => /\[Malformed|Expert Info \((?:Error|Warn)/.test(line));
  process.stdout.write(text);
  const read = text.match(/^Border Gateway Protocol/gm)?.length ?? 0;
  process.stdout.write(`${messages.length} messages written, ${read} read, ${found.length} complaints\n`);
  for (const line of found) process.stdout.write(`${line}\n`);
  if (found.length > 0 || read !== messages.length) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
