import { formatIpv6Address, parseMacAddress } from '@steelyard/wire';
import type { Cable } from '../lab/index.ts';
import { nodeProgram } from '../lab/node-program.ts';

/** What is asked, how often, and how long to wait. */
export interface NdpProbeOptions {
  /** Asked for in turn. */
  readonly addresses: readonly string[];
  /** Solicitations in all. Default: one for each address. */
  readonly count?: number;
  /** Between two solicitations. Default 20 ms. */
  readonly intervalMs?: number;
  /** After the last solicitation, for answers that do not come. Default 1 s. */
  readonly replyTimeoutMs?: number;
  /** After the last answer that was awaited, for a second one from somebody else. Default 50 ms. */
  readonly settleMs?: number;
  /** Source of the solicitations; `::` makes them probes of duplicate address detection (RFC 4862, section 5.4.2). Default: the cable's own address. */
  readonly senderIp?: string;
  /** Asks the host with this MAC alone, as neighbour unreachability detection does. Default: the solicited-node group. */
  readonly destinationMac?: string;
  /** Whether they carry the source link-layer address. Default: yes, but for `::`. */
  readonly withLinkLayerAddress?: boolean;
}

/** An advertisement that came after a solicitation. */
export interface NdpReply {
  /** Which solicitation, from 0. */
  readonly request: number;
  readonly address: string;
  /** The target link-layer address, or the frame's source without one. */
  readonly mac: string;
  readonly source: string;
  readonly solicited: boolean;
  readonly override: boolean;
  readonly latencyMicros: number;
}

/** What the program inside the namespace is told. */
export interface ProbeOrder {
  readonly ifname: string;
  readonly mac: string;
  readonly senderIp: string;
  readonly destinationMac: string | undefined;
  readonly withLinkLayerAddress: boolean;
  readonly addresses: readonly string[];
  readonly count: number;
  readonly intervalMs: number;
  readonly replyTimeoutMs: number;
  readonly settleMs: number;
}

/**
 * Sends Neighbor Solicitations from the end of a cable, and collects who answers and how fast.
 *
 * The kernel's neighbour table has no part in it: nothing is cached, and two
 * different answers to one solicitation are both seen.
 */
export async function probeNdp(cable: Cable, options: NdpProbeOptions): Promise<NdpReply[]> {
  const { addresses, count = addresses.length, intervalMs = 20, replyTimeoutMs = 1_000, settleMs = 50 } = options;
  const senderIp = options.senderIp ?? ipv6Of(cable) ?? linkLocalOf(cable.mac);
  const { destinationMac, withLinkLayerAddress = senderIp !== '::' } = options;
  const { ifname, mac } = cable;
  const asked = { ifname, mac, senderIp, destinationMac, withLinkLayerAddress, addresses };
  const order: ProbeOrder = { ...asked, count, intervalMs, replyTimeoutMs, settleMs };
  const [program, args] = nodeProgram(new URL('./probe-inside.ts', import.meta.url), [JSON.stringify(order)]);
  const timeoutMs = 10_000 + count * (intervalMs + 5) + replyTimeoutMs;
  const { stdout } = await cable.namespace.run(program, args, { timeoutMs });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as NdpReply);
}

function ipv6Of(cable: Cable): string | undefined {
  return cable.addresses.find((address) => address.includes(':'))?.split('/')[0];
}

/** The one that Linux makes of a MAC by default: RFC 4291, appendix A. */
function linkLocalOf(mac: string): string {
  const [first = 0, ...others] = parseMacAddress(mac);
  const identifier = [first ^ 2, ...others.slice(0, 2), 0xff, 0xfe, ...others.slice(2)];
  return formatIpv6Address(Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, ...identifier));
}
