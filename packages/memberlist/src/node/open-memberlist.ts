import { networkInterfaces } from 'node:os';
import { IPV4_LENGTH, parseIpAddress } from '@steelyard/wire';
import { checkMemberlistConfig, createKeyring, LAN_CONFIG } from '../index.ts';
import { DEFAULT_BIND_PORT } from './endpoint.ts';
import { checkMeta, OpenMemberlist } from './memberlist.ts';
import type { Memberlist, MemberlistOptions } from './options.ts';
import { PacketSocket } from './packet-socket.ts';
import { StreamServer } from './stream/stream-server.ts';

/** A port that TCP gave may be taken for UDP. */
const FREE_PORT_ATTEMPTS = 10;
const SECONDS_2020 = Date.UTC(2020, 0) / 1_000;

/**
 * Listens, and is a member that knows nobody yet: `join` others.
 *
 * @throws TypeError or RangeError for options that make no sense; a system error whose message says what to do:
 *   `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`. All as rejections.
 */
export async function openMemberlist(options: MemberlistOptions): Promise<Memberlist> {
  const { bindAddress, bindPort = DEFAULT_BIND_PORT, config = LAN_CONFIG, advertiseAddress, keys = [], meta } = options;
  const family = parseIpAddress(bindAddress).length === IPV4_LENGTH ? 4 : 6;
  checkMemberlistConfig(config);
  createKeyring(keys); // refuses what is no key before anything is opened
  if (meta !== undefined) checkMeta(meta);
  const address = parseIpAddress(advertiseAddress ?? (isUnspecified(bindAddress) ? ownAddress(family) : bindAddress));
  const { packets, server, port } = await bind(family, bindAddress, bindPort);
  try {
    const memberlist = new OpenMemberlist({
      options,
      config,
      packets,
      server,
      advertised: { address, port },
      initialIncarnation: options.initialIncarnation ?? Math.floor(Date.now() / 1_000 - SECONDS_2020),
    });
    memberlist.start();
    return memberlist;
  } catch (error) {
    await Promise.all([packets.close(), server.close()]);
    throw error;
  }
}

interface Bound {
  readonly packets: PacketSocket;
  readonly server: StreamServer;
  readonly port: number;
}

/** TCP first: where any port will do, it finds one. */
async function bind(family: 4 | 6, address: string, wantedPort: number): Promise<Bound> {
  for (let attempt = 1; ; attempt += 1) {
    const server = new StreamServer();
    const port = await server.listen(address, wantedPort).catch((error: unknown) => {
      throw explained(error, 'TCP', address, wantedPort);
    });
    const packets = new PacketSocket(family);
    try {
      await packets.bind(address, port);
      return { packets, server, port };
    } catch (error) {
      await Promise.all([server.close(), packets.close()]);
      if (wantedPort !== 0 || attempt === FREE_PORT_ATTEMPTS) throw explained(error, 'UDP', address, port);
    }
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'another process listens there, perhaps another speaker on this host: stop it, or choose another port for all members',
  EADDRNOTAVAIL: 'this host has no such address: bind to one that it has',
  EACCES: 'this process may not use that port: choose one above 1023',
};

function explained(error: unknown, protocol: 'TCP' | 'UDP', address: string, port: number): Error {
  const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException;
  const where = `${protocol} ${address.includes(':') ? `[${address}]` : address}:${port}`;
  const text = `cannot listen on ${where} (${code}): ${REMEDIES[code] ?? message}`;
  return Object.assign(new Error(text, { cause: error }), { code, address, port });
}

function isUnspecified(address: string): boolean {
  return parseIpAddress(address).every((octet) => octet === 0);
}

/** Private addresses: RFC 1918 and RFC 4193. Go's library looks for the former. */
const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd])/;

function ownAddress(family: 4 | 6): string {
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter((each) => !each.internal && each.family === `IPv${family}` && !each.address.startsWith('fe80:'))
    .map((each) => each.address);
  const [first] = [...addresses.filter((each) => PRIVATE.test(each)), ...addresses];
  if (first === undefined)
    throw new RangeError(`this host has no IPv${family} address to tell others: give advertiseAddress`);
  return first;
}
