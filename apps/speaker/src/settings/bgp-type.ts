/** `METALLB_BGP_TYPE` of a speaker. */
const BGP_TYPES: readonly string[] = ['native', 'frr', 'frr-k8s'];

/**
 * Reads it; `native` where it is not set. A speaker of MetalLB's with any other ends at once, and so does ours.
 *
 * @throws For any other, an empty one among them.
 * @see MetalLB `speaker/bgp_controller.go`, `newBGP`
 */
export function readBgpType(env: Readonly<Record<string, string | undefined>>): string {
  const bgpType = env['METALLB_BGP_TYPE'] ?? 'native';
  if (BGP_TYPES.includes(bgpType)) return bgpType;
  throw new Error(`METALLB_BGP_TYPE is native, frr or frr-k8s, not ${JSON.stringify(bgpType)}`);
}
