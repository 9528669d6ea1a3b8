import type { Cable } from '../lab/index.ts';
import { nodeProgram } from '../lab/node-program.ts';

/** What is asked, how often, and how long to wait. */
export interface ArpProbeOptions {
  /** Asked for in turn. */
  readonly addresses: readonly string[];
  /** Requests in all. Default: one for each address. */
  readonly count?: number;
  /** Between two requests. Default 20 ms. */
  readonly intervalMs?: number;
  /** After the last request, for answers that do not come. Default 1 s. */
  readonly replyTimeoutMs?: number;
  /** After the last answer that was awaited, for a second one from somebody else. Default 50 ms. */
  readonly settleMs?: number;
  /** `ar$spa` of the requests; `0.0.0.0` makes them Probes (RFC 5227, section 1.1). Default: the cable's own address. */
  readonly senderIp?: string;
}

/** A reply to a request. */
export interface ArpReply {
  /** Which request, from 0. */
  readonly request: number;
  readonly address: string;
  /** `ar$sha`. */
  readonly mac: string;
  readonly latencyMicros: number;
}

/** What the program inside the namespace is told. */
export interface ProbeOrder {
  readonly ifname: string;
  readonly mac: string;
  readonly senderIp: string;
  readonly addresses: readonly string[];
  readonly count: number;
  readonly intervalMs: number;
  readonly replyTimeoutMs: number;
  readonly settleMs: number;
}

/**
 * Sends ARP requests from the end of a cable, and collects who answers and how fast.
 *
 * The kernel's neighbour table has no part in it: nothing is cached, and two
 * different answers to one request are both seen.
 */
export async function probeArp(cable: Cable, options: ArpProbeOptions): Promise<ArpReply[]> {
  const { addresses, count = addresses.length, intervalMs = 20, replyTimeoutMs = 1_000, settleMs = 50 } = options;
  const senderIp = options.senderIp ?? ipv4Of(cable) ?? '0.0.0.0';
  const { ifname, mac } = cable;
  const order: ProbeOrder = { ifname, mac, senderIp, addresses, count, intervalMs, replyTimeoutMs, settleMs };
  const [program, args] = nodeProgram(new URL('./probe-inside.ts', import.meta.url), [JSON.stringify(order)]);
  const timeoutMs = 10_000 + count * (intervalMs + 5) + replyTimeoutMs;
  const { stdout } = await cable.namespace.run(program, args, { timeoutMs });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ArpReply);
}

function ipv4Of(cable: Cable): string | undefined {
  return cable.addresses.find((address) => address.includes('.'))?.split('/')[0];
}
