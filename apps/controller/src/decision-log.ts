import type { Assigner, AssignerEffect } from '@steelyard/assign';
import type { Logger } from '@steelyard/daemon';

/**
 * Logs what the assigner tells as an Event, in the words that people search MetalLB's log for.
 *
 * @see MetalLB `controller/service.go`, `convergeBalancer`
 */
export function logDecision(
  logger: Logger,
  { service: { key: service }, event: { reason, message } }: Extract<AssignerEffect, { type: 'postEvent' }>,
  allocationOf: Assigner['ipam']['allocationOf'],
): void {
  switch (reason) {
    case 'IPAllocated': {
      const { addresses: ips = [], pool } = allocationOf(service) ?? {};
      logger.info({ event: 'ipAllocated', service, ips, pool }, 'IP address assigned by controller');
      break;
    }
    case 'ClearAssignment':
      logger.info({ event: 'clearAssignment', service, reason: message }, 'current IP not allowed by config, clearing');
      break;
  }
}
