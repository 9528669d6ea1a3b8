import type { ConfigurationInput } from './configuration-input.ts';
import {
  attachL2Advertisements,
  type ParsedL2Advertisement,
  UNRESTRICTED_L2_ADVERTISEMENT,
} from './layer2/l2-advertisement.ts';
import { readLegacyConfigMap } from './legacy/legacy-config-map.ts';
import { parseLegacyBgp } from './legacy/parse-legacy-bgp.ts';
import type { ParsedObjects } from './parse-objects.ts';
import type { ParsedConfig } from './parsed-config.ts';
import { buildPools } from './pool/build-pools.ts';

/**
 * Parses the old ConfigMap: its pools, each announced by the protocol that it names, and its peers.
 *
 * @param previous - What was in force until now.
 */
export function parseLegacy(
  { legacyConfigMap, namespaces, nodes, parity }: ConfigurationInput,
  previous: ParsedConfig | undefined,
): ParsedObjects {
  const legacy = readLegacyConfigMap(legacyConfigMap);
  // A pool whose protocol cannot be read has holders too, and layer 2 answers only where somebody asks.
  const layer2 = new Set(legacy.pools.filter(({ protocol }) => protocol !== 'bgp').map(({ name }) => name));
  const advertisements = [...layer2].map((name): ParsedL2Advertisement => {
    const object = legacy.pools[0]?.object ?? { kind: 'ConfigMap', namespace: '', name: '' };
    return {
      object,
      poolNames: new Set([name]),
      poolSelectors: [],
      resolved: { ...UNRESTRICTED_L2_ADVERTISEMENT, name },
    };
  });
  const built = buildPools(legacy.pools, { namespaces, parity });
  const drafts = [...built.pools.values()];
  const attached = attachL2Advertisements(advertisements, drafts);
  const before = previous?.source === 'legacy' && previous.completeness !== 'unknown' ? previous : undefined;
  const bgp = parseLegacyBgp(legacy.bgp, legacy.object, drafts, nodes, before);
  const incomplete = legacy.lostPools || built.lostPools || drafts.some((pool) => pool.incomplete);
  return {
    parts: {
      completeness: legacy.unreadable ? 'unknown' : incomplete ? 'partial' : 'complete',
      pools: new Map(
        drafts.map((pool) => [
          pool.name,
          {
            ...pool,
            l2Advertisements: attached.get(pool.name) ?? [],
            bgpAdvertisements: bgp.byPool.get(pool.name) ?? [],
          },
        ]),
      ),
      l2Advertisements: advertisements,
      unplacedL2Advertisements: [UNRESTRICTED_L2_ADVERTISEMENT],
      ...bgp.parts,
    },
    problems: [...legacy.problems, ...built.problems, ...bgp.problems],
  };
}
