// Runs inside a namespace: sends Neighbor Solicitations and prints each answer as a line of JSON.
import { openPacketSocket } from '@steelyard/linux-socket/packet';
import { formatIpv6Address, parseIpv6Address } from '@steelyard/wire';
import { ETHERTYPE_IPV6, neighborSolicitation, readNdp } from './message.ts';
import type { NdpReply, ProbeOrder } from './probe.ts';

const order = JSON.parse(process.argv[2] ?? '') as ProbeOrder;
/** Of the last solicitation for an address: its number, and when it left. */
const lastRequest = new Map<string, { request: number; sentAt: bigint }>();
const unanswered = new Set<number>();
let sent = 0;
let ending: NodeJS.Timeout | undefined;

const socket = openPacketSocket({
  interfaceName: order.ifname,
  etherType: ETHERTYPE_IPV6,
  onFrames(batch) {
    const now = process.hrtime.bigint();
    for (let i = 0; i < batch.count; i += 1) {
      const seen = readNdp(batch.frame(i));
      if (seen?.kind !== 'advertisement') continue;
      const request = lastRequest.get(seen.target);
      if (request === undefined) continue;
      const reply: NdpReply = {
        request: request.request,
        address: seen.target,
        mac: seen.linkLayerAddress ?? seen.sourceMac,
        source: seen.source,
        solicited: seen.solicited,
        override: seen.override,
        latencyMicros: Number((now - request.sentAt) / 1000n),
      };
      process.stdout.write(`${JSON.stringify(reply)}\n`);
      unanswered.delete(request.request);
    }
    if (sent === order.count && unanswered.size === 0) endIn(order.settleMs);
  },
});

function endIn(ms: number): void {
  clearTimeout(ending);
  ending = setTimeout(() => void socket.close().then(() => process.exit(0)), ms);
}

function sendNext(): void {
  const target = formatIpv6Address(parseIpv6Address(order.addresses[sent % order.addresses.length] ?? ''));
  const { mac, senderIp: source, destinationMac, withLinkLayerAddress } = order;
  const frame = neighborSolicitation({ mac, source, target, destinationMac, withLinkLayerAddress });
  lastRequest.set(target, { request: sent, sentAt: process.hrtime.bigint() });
  unanswered.add(sent);
  sent += 1;
  socket.send(frame);
  if (sent < order.count) setTimeout(sendNext, order.intervalMs);
  else endIn(order.replyTimeoutMs);
}

sendNext();
