// Runs inside a namespace: sends ARP requests and prints each reply as a line of JSON.
import { openPacketSocket } from '@steelyard/linux-socket/packet';
import { arpRequest, ETHERTYPE_ARP, readArp } from './packet.ts';
import type { ArpReply, ProbeOrder } from './probe.ts';

const order = JSON.parse(process.argv[2] ?? '') as ProbeOrder;
/** Of the last request for an address: its number, and when it left. */
const lastRequest = new Map<string, { request: number; sentAt: bigint }>();
const unanswered = new Set<number>();
let sent = 0;
let ending: NodeJS.Timeout | undefined;

const socket = openPacketSocket({
  interfaceName: order.ifname,
  etherType: ETHERTYPE_ARP,
  onFrames(batch) {
    const now = process.hrtime.bigint();
    for (let i = 0; i < batch.count; i += 1) {
      const arp = readArp(batch.frame(i));
      if (arp === undefined || arp.operation !== 2 || arp.targetMac !== order.mac) continue;
      const request = lastRequest.get(arp.senderIp);
      if (request === undefined) continue;
      const reply: ArpReply = {
        request: request.request,
        address: arp.senderIp,
        mac: arp.senderMac,
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
  const address = order.addresses[sent % order.addresses.length] ?? '';
  const frame = arpRequest(order.mac, order.senderIp, address);
  lastRequest.set(address, { request: sent, sentAt: process.hrtime.bigint() });
  unanswered.add(sent);
  sent += 1;
  socket.send(frame);
  if (sent < order.count) setTimeout(sendNext, order.intervalMs);
  else endIn(order.replyTimeoutMs);
}

sendNext();
