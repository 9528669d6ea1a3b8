/** When the old ConfigMap is read: `--legacy-config`. */
export type LegacyMode = 'auto' | 'on' | 'off';

/** Where the configuration comes from, and why. */
export interface ConfigurationChoice {
  /** `unknown`: it cannot be told whether configuration objects exist, so nothing may be concluded from their absence. */
  readonly source: 'crds' | 'legacy' | 'none' | 'unknown';
  readonly because:
    | 'ObjectsExist' // metallb.io objects exist; a ConfigMap that exists as well is not read
    | 'NoObjectsExist' // none exist, and the ConfigMap does
    | 'LegacyForced' // --legacy-config=on
    | 'LegacyOff' // --legacy-config=off
    | 'NothingConfigured'
    | 'ObjectsUnknown';
}

/**
 * Decides whether the objects of `metallb.io` or the old ConfigMap configure the cluster. A ConfigMap that was
 * forgotten years ago must not wake up: while any configuration object exists, it is not read.
 *
 * @param input.crdObjects - How many objects of the kinds that configure exist (IPAddressPool, L2Advertisement,
 *   BGPAdvertisement, BGPPeer, BFDProfile, Community; not the status kinds). `unknown` if one of the lists failed;
 *   0 for a kind that is not installed.
 * @param input.legacy - Whether the ConfigMap exists.
 */
export function chooseConfiguration(input: {
  readonly crdObjects: number | 'unknown';
  readonly legacy: boolean;
  readonly mode: LegacyMode;
}): ConfigurationChoice {
  const { crdObjects, legacy, mode } = input;
  if (mode === 'on' && legacy) {
    return { source: 'legacy', because: 'LegacyForced' };
  }
  if (crdObjects === 'unknown') {
    return { source: 'unknown', because: 'ObjectsUnknown' };
  }
  if (crdObjects > 0) {
    return { source: 'crds', because: 'ObjectsExist' };
  }
  if (!legacy) {
    return { source: 'none', because: 'NothingConfigured' };
  }
  return mode === 'off' ? { source: 'none', because: 'LegacyOff' } : { source: 'legacy', because: 'NoObjectsExist' };
}
