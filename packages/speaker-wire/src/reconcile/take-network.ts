import type { WireReport } from '../protocol/report.ts';
import { decideAlike, FAMILIES, familyOf, type NetworkFacts } from './interfaces.ts';
import { settle } from './settle.ts';
import type { ReconcileState } from './state.ts';
import type { ReconcileConfig, ReconcileEffect } from './vocabulary.ts';
import { endYield } from './yielding.ts';

/** Opens and closes responders, and looks at every address anew where that may change what is decided. */
export function takeNetwork(
  state: ReconcileState,
  network: NetworkFacts,
  config: ReconcileConfig,
  effects: ReconcileEffect[],
): void {
  const before = state.network;
  state.network = network;
  for (const family of FAMILIES) {
    for (const [interfaceName, link] of network.usable[family]) {
      const known = before.usable[family].get(interfaceName);
      if (known === undefined) effects.push({ type: 'openResponder', family, interfaceName, link });
      else if (known !== link) effects.push({ type: 'linkChanged', family, interfaceName, link });
    }
  }
  if (!decideAlike(before, network)) {
    for (const address of state.keysOf.keys()) settle(state, address, config, effects);
  }
  for (const family of FAMILIES) {
    for (const interfaceName of before.usable[family].keys()) {
      if (network.usable[family].has(interfaceName)) continue;
      for (const address of state.yielding.keys()) {
        if (familyOf(address) === family) endYield(state, address, effects, interfaceName);
      }
      effects.push({ type: 'closeResponder', family, interfaceName });
    }
  }
  if (interfacesOf(network).join('\n') !== interfacesOf(before).join('\n')) {
    effects.push({ type: 'report', report: stateReport(state) });
  }
}

/** What is announced on, and whether anybody can be elected. */
export function stateReport({ network, members }: ReconcileState): WireReport {
  return { type: 'state', interfaces: interfacesOf(network), membersKnown: members !== 'joining' };
}

/** The names of all that something is announced on. */
function interfacesOf({ usable }: NetworkFacts): readonly string[] {
  return [...new Set([...usable.ipv4.keys(), ...usable.ipv6.keys()])];
}
