import { type ArpReply, probeArp } from '@steelyard/testkit';
import type { PluggedHost } from './network.ts';

/** What a host on the home network does. */
export interface Client {
  /** `curl -sI`: the head of the answer. Rejects where none comes. */
  curlHead(address: string, port: number): Promise<string>;
  /** The bodies of the answers to as many requests, each of a connection of its own. */
  curlMany(address: string, port: number, count: number): Promise<readonly string[]>;
  /** What `ip neigh` says of an address. */
  neighbour(address: string): Promise<{ readonly line: string; readonly mac: string | undefined }>;
  /** Sends ARP requests past the kernel, which would answer from memory. */
  askArp(address: string, count?: number): Promise<readonly ArpReply[]>;
}

export function createClient({ namespace, cable }: PluggedHost): Client {
  const curl = async (args: readonly string[]): Promise<string> =>
    (await namespace.run('curl', ['-sS', '--max-time', '3', ...args])).stdout.replaceAll('\r', '');
  return {
    curlHead: (address, port) => curl(['-I', `${address}:${port}`]),
    async curlMany(address, port, count) {
      return (await curl([`${address}:${port}/[1-${count}]`])).trimEnd().split('\n');
    },
    async neighbour(address) {
      const line = (await namespace.run('ip', ['neigh', 'show', address])).stdout.trim();
      return { line, mac: /lladdr (\S+)/.exec(line)?.[1] };
    },
    askArp: (address, count = 3) => probeArp(cable, { addresses: [address], count, replyTimeoutMs: 500 }),
  };
}
