// How many messages and octets a second the codec reads and writes, in one process and one thread.

import {
  type AdvertisementContext,
  afiSafiOf,
  createAdjRibOut,
  createMessageFramer,
  decodeMessage,
  encodeKeepalive,
  encodeOpen,
  type OpenMessage,
  packAnnouncements,
  readPathAttribute,
  type SessionContext,
} from '@steelyard/bgp';
import { communityOf, prefixesOf, prefixOf } from '../bgp/prefixes.ts';
import { readNumbers } from '../options.ts';
import { printResult, say } from '../result.ts';
import { rounded } from '../statistics.ts';

const ROUTES = 10_000;
const MIB = 2 ** 20;
/** What TCP gives at a time on a local link. */
const CHUNK_OCTETS = 65_536;

const SESSION: SessionContext = {
  fourOctetAsn: true,
  extendedMessage: false,
  addPathReceive: [],
  extendedNextHop: false,
  internal: false,
  families: ['ipv4-unicast'],
};
const ADVERTISEMENT: AdvertisementContext = {
  localAsn: 64_501,
  internal: false,
  fourOctetAsn: true,
  extendedMessage: false,
  families: ['ipv4-unicast'],
  nextHopIpv4: '192.0.2.1',
  nextHopIpv6: undefined,
  nextHopLinkLocal: undefined,
  extendedNextHop: false,
};
const OPEN: Omit<OpenMessage, 'type'> = {
  version: 4,
  myAutonomousSystem: 64_501,
  holdTimeSeconds: 90,
  bgpIdentifier: '192.0.2.1',
  capabilities: [
    { type: 'multiprotocol', ...afiSafiOf('ipv4-unicast') },
    { type: 'route-refresh' },
    { type: 'four-octet-asn', asn: 64_501 },
    { type: 'enhanced-route-refresh' },
  ],
};

export async function measure(args: readonly string[]): Promise<void> {
  const { seconds } = readNumbers(args, { seconds: 1 });
  const rate = (name: string, once: () => Work, prefixes = 0): object => {
    const told = measureRate(once, seconds * 1_000, prefixes);
    say(`${name}: ${JSON.stringify(told)}`);
    return told;
  };
  const packed = announcements(prefixesOf(0, ROUTES));
  const unique = uniqueAnnouncements();
  const keepalive = encodeKeepalive();
  const open = encodeOpen(OPEN);
  const stream = joined([...packed, ...unique]);
  const routes = (attributesOf: (number: number) => { readonly communities?: readonly number[] }) =>
    Array.from({ length: ROUTES }, (_, number) => ({ prefix: prefixOf(number), attributes: attributesOf(number) }));
  const same = {};
  const sameRoutes = routes(() => same);
  const uniqueRoutes = routes((number) => ({ communities: [communityNumber(number)] }));
  const figures = {
    decode: {
      keepalive: rate('decode KEEPALIVE', () => decodeAll(times(keepalive, 1_000))),
      open: rate('decode OPEN', () => decodeAll(times(open, 1_000))),
      updatePacked: rate('decode UPDATE, packed', () => decodeAll(packed), ROUTES),
      updatePackedWithPrefixes: rate(
        'decode UPDATE, packed, with prefixes and attributes',
        () => readAll(packed),
        ROUTES,
      ),
      updateUnique: rate('decode UPDATE, unique', () => decodeAll(unique), ROUTES),
      updateUniqueWithPrefixes: rate(
        'decode UPDATE, unique, with prefixes and attributes',
        () => readAll(unique),
        ROUTES,
      ),
    },
    encode: {
      keepalive: rate('encode KEEPALIVE', () => written(repeated(1_000, encodeKeepalive))),
      open: rate('encode OPEN', () => written(repeated(1_000, () => encodeOpen(OPEN)))),
      updatePacked: rate('encode UPDATE, packed', () => written(announcements(prefixesOf(0, ROUTES))), ROUTES),
      updateUnique: rate('encode UPDATE, unique', () => written(uniqueAnnouncements()), ROUTES),
      adjRibOutPacked: rate('Adj-RIB-Out, packed', () => written(throughAdjRibOut(sameRoutes)), ROUTES),
      adjRibOutUnique: rate('Adj-RIB-Out, unique', () => written(throughAdjRibOut(uniqueRoutes)), ROUTES),
    },
    framer: rate('framer', () => framed(stream)),
  };
  printResult({ question: 'bgp-codec', options: { seconds, routes: ROUTES }, figures });
}

interface Work {
  readonly messages: number;
  readonly octets: number;
}

/**
 * Does it again and again; the first third warms up and is not counted.
 *
 * @param prefixes - In what is done once.
 */
function measureRate(once: () => Work, forMs: number, prefixes: number): object {
  const runFor = (ms: number) => {
    let [messages, octets, rounds] = [0, 0, 0];
    const begunMs = performance.now();
    let elapsedMs = 0;
    while (elapsedMs < ms) {
      const work = once();
      messages += work.messages;
      octets += work.octets;
      rounds += 1;
      elapsedMs = performance.now() - begunMs;
    }
    return { messages, octets, rounds, seconds: elapsedMs / 1_000 };
  };
  runFor(forMs / 3);
  const { messages, octets, rounds, seconds } = runFor(forMs);
  return {
    messagesPerSecond: Math.round(messages / seconds),
    mibPerSecond: rounded(octets / MIB / seconds, 1),
    ...(prefixes === 0 ? {} : { prefixesPerSecond: Math.round((rounds * prefixes) / seconds) }),
  };
}

function written(messages: readonly Uint8Array[]): Work {
  return { messages: messages.length, octets: messages.reduce((sum, { length }) => sum + length, 0) };
}

function decodeAll(messages: readonly Uint8Array[]): Work {
  for (const message of messages) {
    const { ok } = decodeMessage(message, SESSION);
    if (!ok) throw new Error('a message of our own was refused');
  }
  return written(messages);
}

/** As whoever looks at everything: the prefixes' text, and each attribute. */
function readAll(messages: readonly Uint8Array[]): Work {
  for (const message of messages) {
    const decoded = decodeMessage(message, SESSION);
    if (!decoded.ok || decoded.value.type !== 'update') throw new Error('an UPDATE of our own was refused');
    for (const { prefixes, count } of decoded.value.announced)
      if (prefixes.length !== count) throw new Error('a prefix is missing');
    for (const attribute of decoded.value.attributes) readPathAttribute(attribute, SESSION);
  }
  return written(messages);
}

function framed(stream: Uint8Array): Work {
  const framer = createMessageFramer();
  let messages = 0;
  for (let position = 0; position < stream.length; position += CHUNK_OCTETS)
    for (const { ok } of framer.push(stream.subarray(position, position + CHUNK_OCTETS))) if (ok) messages += 1;
  return { messages, octets: stream.length };
}

function throughAdjRibOut(routes: Parameters<ReturnType<typeof createAdjRibOut>['set']>[0]): readonly Uint8Array[] {
  const rib = createAdjRibOut();
  rib.set(routes);
  rib.begin(ADVERTISEMENT);
  const messages: Uint8Array[] = [];
  while (rib.pending) messages.push(...rib.take(CHUNK_OCTETS));
  return messages;
}

function announcements(prefixes: readonly string[], communities: readonly number[] = []): readonly Uint8Array[] {
  const packed = packAnnouncements({ communities }, 'ipv4-unicast', prefixes, ADVERTISEMENT);
  if (!packed.ok) throw new Error(packed.because);
  return packed.messages;
}

function uniqueAnnouncements(): readonly Uint8Array[] {
  return Array.from({ length: ROUTES }, (_, number) =>
    announcements([prefixOf(number)], [communityNumber(number)]),
  ).flat();
}

function communityNumber(number: number): number {
  const [asn, value] = communityOf(number);
  return asn * 65_536 + value;
}

function times<T>(one: T, count: number): readonly T[] {
  return new Array<T>(count).fill(one);
}

function repeated(count: number, make: () => Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: count }, make);
}

function joined(messages: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat([...messages]));
}
