import { referenceOf } from '../objects/api-object.ts';
import { objectOr, textOr } from '../objects/untrusted.ts';
import { type Problem, problemOf } from '../problem/problem.ts';

/** The key of `bgpextras` that MetalLB's frr mode appends to FRR's configuration. */
const EXTRAS_KEY = 'extras';

/** What MetalLB's own modes say of it. */
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ['native', 'bgp extra info not supported in native mode'],
  ['frr-k8s', 'extra info not supported in frr-k8s mode'],
]);

/**
 * Lines for FRR, which is not here. MetalLB's frr mode takes them; its native and frr-k8s modes refuse the configuration, and so
 * does ours under parity.
 *
 * @param configMap - The ConfigMap `bgpextras` of MetalLB's namespace, from outside.
 * @see MetalLB `internal/config/config.go`, `bgpExtrasFor`; `internal/bgp/native/native.go`, `SyncExtraInfo`
 */
export function bgpExtrasProblems(configMap: unknown, bgpType: string, parity: boolean): readonly Problem[] {
  const object = objectOr(configMap);
  const extras = textOr(objectOr(object['data'])[EXTRAS_KEY]);
  if (extras === '') return [];
  const refusal = REFUSALS.get(bgpType);
  const reference = referenceOf('ConfigMap', object);
  const isError = parity && refusal !== undefined;
  return [
    problemOf(
      { ...reference, name: reference.name || 'bgpextras' },
      {
        severity: isError ? 'error' : 'warning',
        field: `data.${EXTRAS_KEY}`,
        value: null, // passwords are among what stands there
        code: isError ? 'ERR_CONFIG_IMPLEMENTATION' : 'ERR_CONFIG_NOT_SERVED',
        message: isError
          ? refusal
          : `lines for FRR are not served: there is no FRR here, and they have no effect${refusal === undefined ? '' : ` (MetalLB would refuse them: ${refusal})`}`,
        remedy: 'say the same in BGPPeers and BGPAdvertisements where that is possible, and delete the ConfigMap',
        scopes: ['speaker'],
        refusedByMetalLb: refusal !== undefined,
      },
    ),
  ];
}
