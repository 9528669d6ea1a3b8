import type { Lan, LanHost } from './lan.ts';

/**
 * What does not pass between an island and the rest of a LAN.
 *
 * - `gossip`: TCP and UDP of the gossip's port. Everybody is heard by the clients.
 * - `clients`: everything between the island and the client. The nodes hear each other.
 * - `all`: everything.
 */
export type PartitionKind = 'gossip' | 'clients' | 'all';

/** memberlist's port, as MetalLB's manifests give it. */
const GOSSIP_PORT = 7946;
const TABLE = 'bridge steelyard_partition';

/**
 * Divides a LAN at its switch, which drops the frames: every interface keeps its carrier, and nobody is told.
 *
 * @returns What undoes it. There is one partition at a time.
 */
export async function partition(
  { hub, nodes, client }: Lan,
  island: readonly LanHost[],
  kind: PartitionKind,
): Promise<() => Promise<void>> {
  const mainland = [...nodes, client].filter((host) => !island.includes(host));
  const ports = (hosts: readonly LanHost[]): string => `{ ${hosts.map(({ cable }) => `"${cable.port}"`).join(', ')} }`;
  const [here, there] = [ports(island), ports(kind === 'clients' ? [client] : mainland)];
  const gossip = ['th dport', 'th sport'].map((field) => `meta l4proto { tcp, udp } ${field} ${GOSSIP_PORT}`);
  const matches = kind === 'gossip' ? gossip : [''];
  const rules = matches.flatMap((match) => [
    `iifname ${here} oifname ${there} ${match} drop`,
    `iifname ${there} oifname ${here} ${match} drop`,
  ]);
  const ruleset = [
    `table ${TABLE} {`,
    'chain forward {',
    'type filter hook forward priority 0; policy accept;',
    ...rules,
    '}',
    '}',
    '',
  ].join('\n');
  await hub.namespace.run('nft', ['-f', '-'], { input: ruleset });
  return async () => {
    await hub.namespace.run('nft', ['delete', 'table', ...TABLE.split(' ')]);
  };
}
