import { readFile } from 'node:fs/promises';

/** Segments that the kernel dropped because of TCP MD5 signatures, in the network namespace of this process, since it exists. */
export interface TcpMd5Counters {
  /** `TcpExtTCPMD5NotFound`: the peer has a key here, and its segment had no signature. */
  readonly notFound: number;
  /** `TcpExtTCPMD5Unexpected`: a segment had a signature, and its sender has no key here. */
  readonly unexpected: number;
  /** `TcpExtTCPMD5Failure`: the signature was made with another key. */
  readonly failure: number;
}

/** @param text - Of /proc/net/netstat: two lines for each group, names and then numbers. @returns undefined if it lacks a counter. */
export function parseMd5Counters(text: string): TcpMd5Counters | undefined {
  const [names = [], numbers = []] = text
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  const read = (name: string): number => Number(numbers[names.indexOf(name)] ?? Number.NaN);
  const counters = {
    notFound: read('TCPMD5NotFound'),
    unexpected: read('TCPMD5Unexpected'),
    failure: read('TCPMD5Failure'),
  };
  return Object.values(counters).every(Number.isInteger) ? counters : undefined;
}

/** The counters of this process' network namespace. */
export async function readMd5Counters(path = '/proc/net/netstat'): Promise<TcpMd5Counters> {
  const counters = parseMd5Counters(await readFile(path, 'utf8'));
  if (counters === undefined) {
    throw Object.assign(new Error(`${path} lacks the counters of TCP MD5 signatures`), {
      code: 'ERR_LINUX_SOCKET_COUNTERS_MISSING',
    });
  }
  return counters;
}
