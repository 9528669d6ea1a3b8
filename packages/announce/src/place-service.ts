import { type ParsedConfig, type Placement, placeAddresses } from '@steelyard/config';
import type { ServiceAnnouncementView } from './service-view.ts';

/** Why no speaker announces a Service, by whichever protocol. Those in lower case are MetalLB's own words. */
export type ServiceRefusal =
  | 'notLoadBalancer'
  | 'OtherLoadBalancerClass'
  | 'noIPAllocated'
  | 'invalidIP'
  | 'ipNotAllowed'
  | 'ConfigurationUnknown'; // its pool cannot be told: what is announced stays announced

/** Why a Service may be announced, by whichever protocol. */
export type ServiceGrant =
  | 'Advertised'
  | 'HeldFromInvalidPool' // its pool is present but invalid, and keeps its holders' addresses
  | 'HeldFromUnreadablePool' // its pool is in a part of the configuration that cannot be read
  | 'HeldFromRemovedPool'; // its pool is gone, and the controller has not given it another address yet

/** Which Services are served at all. */
export interface ServiceOptions {
  /** `--lb-class`: the one class that is served; without it, Services that have none. */
  readonly loadBalancerClass?: string;
  /** Announces addresses that nodes themselves have. */
  readonly announceNodeAddresses?: boolean;
}

/** Where the addresses of a Service belong, before any advertisement is asked. */
export type PlacedService =
  | {
      readonly placed: true;
      /** In the order of the status, each once. */
      readonly addresses: readonly string[];
      readonly placement: Placement;
    }
  | { readonly placed: false; readonly because: ServiceRefusal };

/**
 * Makes the tests that are the same for all protocols.
 *
 * @see MetalLB `speaker/main.go`, `SetBalancer`
 */
export function placeService(
  service: ServiceAnnouncementView,
  config: ParsedConfig,
  { loadBalancerClass = '' }: ServiceOptions,
): PlacedService {
  const because = refusalOf(service, loadBalancerClass);
  if (because !== undefined) {
    return { placed: false, because };
  }
  const addresses = [...new Set(service.addresses)];
  return { placed: true, addresses, placement: placeAddresses(config, addresses, service.allocatedFrom) };
}

function refusalOf(service: ServiceAnnouncementView, loadBalancerClass: string): ServiceRefusal | undefined {
  if (service.type !== 'LoadBalancer') {
    return 'notLoadBalancer';
  }
  if (service.loadBalancerClass !== loadBalancerClass) {
    return 'OtherLoadBalancerClass';
  }
  if (service.addresses.length === 0) {
    return 'noIPAllocated';
  }
  return service.addresses.includes('') ? 'invalidIP' : undefined;
}

/** Why what is placed there is announced. */
export function grantOf(placement: Placement): ServiceGrant {
  if (placement.kind !== 'pool') {
    return 'HeldFromUnreadablePool';
  }
  return placement.pool.invalid === undefined ? 'Advertised' : 'HeldFromInvalidPool';
}

/** The reason where nothing is known that announces what is placed there. */
export function refusalWithout(placement: Placement): ServiceRefusal {
  return placement.kind === 'none' ? 'ipNotAllowed' : 'ConfigurationUnknown';
}
