import { createAssigner, projectService } from '@steelyard/assign';
import { parseConfiguration } from '@steelyard/config';

const pool = {
  metadata: { name: 'lab', namespace: 'metallb-system' },
  spec: { addresses: ['192.0.2.10-192.0.2.20'] },
};
const service = projectService({
  metadata: { name: 'web', namespace: 'default', uid: 'a1', resourceVersion: '7' },
  spec: { type: 'LoadBalancer', clusterIPs: ['10.96.0.10'], ports: [{ protocol: 'TCP', port: 80 }] },
});

/** Brings an assigner a configuration and a Service, and says what it wants done. */
export function example(): string[] {
  const assigner = createAssigner();
  const { config } = parseConfiguration({ ipAddressPools: [pool], l2Advertisements: [] });
  assigner.step({ type: 'configChanged', config });
  assigner.step({ type: 'servicesSynced' });
  const effects = service === undefined ? [] : assigner.step({ type: 'serviceChanged', service });
  return effects.map((effect) => {
    if (effect.type === 'writeStatus') {
      return `write ${effect.service.key} ${effect.write.ingress.map(({ ip }) => ip).join()}`; // write default/web 192.0.2.10
    }
    return effect.type === 'postEvent' ? effect.event.message : 'try again later'; // Assigned IP ["192.0.2.10"]
  });
}
