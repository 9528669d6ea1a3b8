import type { Layer2Decision } from '@steelyard/announce';
import type { WireReport, WithdrawnReason } from '../protocol/report.ts';
import { createAnnouncedServices } from './announced-services.ts';

/** What is to be told of a Service: as an Event on it, as a log line, or as both. */
export interface ServiceNews {
  readonly serviceKey: string;
  readonly event?: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };
  readonly log?: {
    readonly level: 'info' | 'warn' | 'error';
    readonly pairs: Readonly<Record<string, unknown>>;
    readonly message: string;
  };
}

/** Makes of the wire thread's reports what people read: MetalLB's Events and log lines, each on a change only. */
export interface ServiceNewsDesk {
  tell(report: WireReport): readonly ServiceNews[];
  /**
   * What a decision means for people: that a node's own address is announced by nobody. Each speaker decides so and logs
   * it; the Event is left to the node that has the address.
   */
  judge(judged: JudgedService): readonly ServiceNews[];
}

/** A Service, and what was decided about it; no decision once it is gone. */
export interface JudgedService {
  readonly serviceKey: string;
  readonly decision: Layer2Decision | undefined;
  /** The addresses in its status. */
  readonly addresses: readonly string[];
  /** This node's own, as its Node object has them. */
  readonly nodeAddresses: readonly string[];
}

const WITHDRAWING = 'withdrawing service announcement';

/** Why this node, though elected, announces nothing, where somebody has to do something about it. */
const FAILURES: Readonly<Partial<Record<WithdrawnReason, string>>> = {
  AddressBelongsToNode: 'it is an address of this node itself',
  AddressIsGateway: 'it is the address of the default gateway',
  NoUsableInterface: 'no interface of this node can be used',
};

/**
 * @param nodeName - This node, as Kubernetes calls it.
 * @see MetalLB `speaker/main.go`, `handleService`; `speaker/layer2_controller.go`, `SetBalancer`
 */
export function createServiceNewsDesk(nodeName: string): ServiceNewsDesk {
  const announced = createAnnouncedServices();
  /** By Service, what was said of its refused addresses last. */
  const refused = new Map<string, string>();

  function onAnnounced(report: WireReport & { type: 'announced' }) {
    const { serviceKey, address, interfaces, because, fresh } = report;
    // `nodeAssigned` is said once for all addresses of a Service.
    const first = announced.of(serviceKey) === undefined;
    const wasKnown = announced.of(serviceKey)?.has(address) === true;
    const changed = announced.take(report) !== undefined;
    if (!fresh && !(wasKnown && changed)) return [];
    const pairs = {
      event: 'serviceAnnounced',
      service: serviceKey,
      ips: [address],
      protocol: 'layer2',
      interfaces,
      because,
    };
    const log = { level: 'info', pairs, message: 'service has IP, announcing' } as const;
    const message = `announcing from node "${nodeName}" with protocol "layer2"`;
    return [
      {
        serviceKey,
        log,
        ...(first && fresh ? { event: { type: 'Normal', reason: 'nodeAssigned', message } as const } : {}),
      },
    ];
  }

  function refusal(
    serviceKey: string,
    ips: readonly string[],
    reason: string,
    why: string,
    withEvent: boolean,
  ): ServiceNews {
    const message = `not announcing ${ips.join(', ')} from node ${JSON.stringify(nodeName)} with protocol "layer2": ${why}`;
    const pairs = { event: 'announceFailed', service: serviceKey, ips, protocol: 'layer2', reason };
    const log = { level: 'warn', pairs, message: `not announced: ${why}` } as const;
    return { serviceKey, log, ...(withEvent ? { event: { type: 'Warning', reason: 'announceFailed', message } } : {}) };
  }

  return {
    judge({ serviceKey, decision, addresses, nodeAddresses }) {
      const ips = refusedAddresses(decision, addresses);
      const said = ips.join(' ');
      if ((refused.get(serviceKey) ?? '') === said) return [];
      if (said === '') {
        refused.delete(serviceKey);
        return [];
      }
      refused.set(serviceKey, said);
      const isOurs = ips.some((ip) => nodeAddresses.includes(ip));
      return [refusal(serviceKey, ips, 'AddressBelongsToNode', 'it is an address of a node itself', isOurs)];
    },
    tell(report) {
      switch (report.type) {
        case 'announced':
          return onAnnounced(report);
        case 'withdrawn': {
          const { serviceKey, address, because: reason, owner, wasAnnounced } = report;
          announced.take(report);
          const why = FAILURES[reason];
          const failure =
            why === undefined || !report.fresh
              ? []
              : // An interface that is being replaced is no reason for an Event: it is back in a moment.
                [refusal(serviceKey, [address], reason, why, !(wasAnnounced && reason === 'NoUsableInterface'))];
          if (!wasAnnounced) return failure;
          const pairs = {
            event: 'serviceWithdrawn',
            service: serviceKey,
            ips: [address],
            protocol: 'layer2',
            reason,
            owner,
          };
          return [{ serviceKey, log: { level: 'info', pairs, message: WITHDRAWING } }, ...failure];
        }
        case 'interfaceMissing': {
          const { serviceKey, address, interfaces } = report;
          announced.take(report);
          if (!report.fresh) return []; // a control thread that was restarted posts nothing twice
          const message = `the interfaces specified by LB IP ${JSON.stringify(address)} doesn't exist in assigned node ${JSON.stringify(nodeName)} with protocol "layer2"`;
          const pairs = {
            event: 'announceFailed',
            service: serviceKey,
            ips: [address],
            protocol: 'layer2',
            interfaces,
          };
          const withdrawn = { ...pairs, event: 'serviceWithdrawn', reason: 'InterfaceMissing' };
          return [
            ...(report.wasAnnounced
              ? [{ serviceKey, log: { level: 'info', pairs: withdrawn, message: WITHDRAWING } } as const]
              : []),
            {
              serviceKey,
              event: { type: 'Warning', reason: 'announceFailed', message },
              log: { level: 'error', pairs, message: 'none of the interfaces of the advertisement is there' },
            },
          ];
        }
        case 'conflict': {
          const { address, interfaceName, ourMac, theirMac } = report;
          const message = `another host claims ${address} on ${interfaceName} of node ${nodeName}: its MAC is ${theirMac}, ours ${ourMac}`;
          return report.serviceKeys.map((serviceKey) => ({
            serviceKey,
            event: { type: 'Warning', reason: 'AddressConflict', message },
          }));
        }
        case 'bgpService': {
          const { serviceKey, fresh } = report;
          if (!fresh) return [];
          const pairs = { service: serviceKey, protocol: 'bgp' };
          if (!report.announced) {
            return [
              {
                serviceKey,
                log: { level: 'info', pairs: { event: 'serviceWithdrawn', ...pairs }, message: WITHDRAWING },
              },
            ];
          }
          const message = `announcing from node "${nodeName}" with protocol "bgp"`;
          return [
            {
              serviceKey,
              event: { type: 'Normal', reason: 'nodeAssigned', message },
              log: {
                level: 'info',
                pairs: { event: 'serviceAnnounced', ...pairs },
                message: 'service has IP, announcing',
              },
            },
          ];
        }
        case 'bgpSession': // the wire thread logs it, and it is no Service's
        case 'state':
          return [];
      }
    },
  };
}

function refusedAddresses(decision: Layer2Decision | undefined, addresses: readonly string[]): readonly string[] {
  if (decision?.eligible === true) return decision.refusedAddresses.map(({ address }) => address);
  return decision?.because === 'AddressBelongsToNode' ? addresses : [];
}
