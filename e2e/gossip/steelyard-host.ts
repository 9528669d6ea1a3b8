// Members of ours by order, in the words that the judge understands too: see member-host.ts.
import { createInterface } from 'node:readline';
import { LAN_CONFIG, LOCAL_CONFIG, type Member, type MemberlistConfig, WAN_CONFIG } from '@steelyard/memberlist';
import { type Memberlist, openMemberlist } from '@steelyard/memberlist/node';
import type { HostEvent, StartOrder } from './member-host.ts';

interface Order extends Omit<StartOrder, 'override'> {
  readonly id: number;
  readonly op: string;
  readonly override?: Partial<MemberlistConfig>;
  readonly addresses?: readonly string[];
  readonly timeoutMs?: number;
}

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const tell = (observer: string, event: HostEvent['event'], fields: object): void =>
  say({ event, observer, atMs: Number(process.hrtime.bigint()) / 1e6, ...fields });
const text = (octets: Uint8Array): string => new TextDecoder().decode(octets);
const octets = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

const describe = ({ node, address, port, meta, status }: Member): object => ({
  name: node,
  address: formatIpAddress(address),
  addressOctets: address.length,
  port,
  meta: text(meta),
  status,
});

/** IPv6 in full: tests compare only what they wrote so themselves. */
function formatIpAddress(address: Uint8Array): string {
  if (address.length === 4) return address.join('.');
  const groups = Array.from(
    { length: address.length / 2 },
    (_, i) => ((address[2 * i] ?? 0) << 8) | (address[2 * i + 1] ?? 0),
  );
  return groups.map((group) => group.toString(16)).join(':');
}

const PROFILES = { lan: LAN_CONFIG, wan: WAN_CONFIG, local: LOCAL_CONFIG };
const members = new Map<string, Memberlist>();

async function start(order: Order): Promise<object> {
  const {
    name,
    address,
    port,
    profile = 'lan',
    label = '',
    override = {},
    keys = [],
    meta,
    initialIncarnation,
  } = order;
  const member = await openMemberlist({
    name,
    bindAddress: address,
    bindPort: port,
    config: { ...PROFILES[profile], label, ...override },
    keys: keys.map(octets),
    ...(meta === undefined ? {} : { meta: new TextEncoder().encode(meta) }),
    ...(initialIncarnation === undefined ? {} : { initialIncarnation }),
    dialTimeoutMs: 1_000,
    onJoin: (joined) => tell(name, 'join', { member: describe(joined) }),
    onLeave: (left) => tell(name, 'leave', { member: describe(left) }),
    onUpdate: (updated) => tell(name, 'update', { member: describe(updated) }),
    onConflict: (known, other) =>
      tell(name, 'conflict', {
        member: { ...describe(known), address: formatIpAddress(other.address), port: other.port },
      }),
    onUserMessage: (payload) => tell(name, 'user', { payload: text(payload) }),
    onKeyHeard: (index) => tell(name, 'keyHeard', { index }),
    onNotice: ({ level, message, fields }) => tell(name, 'notice', { line: message, level, fields }),
    onError: (error) => tell(name, 'error', { line: error.stack ?? error.message }),
  });
  members.set(name, member);
  return { port: member.advertised.port };
}

async function obey(order: Order): Promise<unknown> {
  if (order.op === 'start') return start(order);
  if (order.op === 'figures')
    return { rssMib: process.memoryUsage.rss() / 2 ** 20, heapMib: process.memoryUsage().heapUsed / 2 ** 20 };
  if (order.op === 'shutdownAll') {
    const all = [...members.values()];
    members.clear();
    return Promise.all(all.map((each) => each.close())).then(() => undefined);
  }
  const member = members.get(order.name);
  if (member === undefined) throw new Error(`no member ${order.name}`);
  switch (order.op) {
    case 'join': {
      const { joined, failures } = await member.join(order.addresses ?? []);
      const failure = failures.map(({ address, reason }) => `${address}: ${reason}`).join('; ');
      return { joined, ...(failure === '' ? {} : { failure }) };
    }
    case 'leave':
      return member.leave(order.timeoutMs ?? 0);
    case 'shutdown':
      members.delete(order.name);
      return member.close();
    case 'members':
      return member
        .members()
        .map(describe)
        .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    case 'statistics':
      return member.statistics();
    case 'setMeta':
      return member.setMeta(new TextEncoder().encode(order.meta ?? ''));
    case 'useKeys':
      return member.setKeys((order.keys ?? []).map(octets));
    default:
      throw new Error(`no such order: ${order.op}`);
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line) as Order;
  void obey(order).then(
    (result) => say({ id: order.id, result }),
    (error: unknown) => say({ id: order.id, error: error instanceof Error ? error.message : String(error) }),
  );
});
process.stdin.on('end', () => process.exit(0));
say({ event: 'ready' });
