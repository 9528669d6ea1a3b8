import { formatIp, goQuote, parseIp } from '@steelyard/ipam';
import { annotation, LOAD_BALANCER_IPS } from './annotations.ts';
import { familiesOf } from './ip-families.ts';
import type { ServiceView } from './service-view.ts';

/** The addresses that a Service asks for, in its user's order; none; or what is wrong with the request. */
export type RequestedAddresses =
  | { readonly ok: true; readonly value: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** Two addresses need a third of this. What is longer is invalid, and is not repeated whole in an Event. */
const MAX_LIST_TEXT = 256;

/**
 * Reads the annotation `metallb.io/loadBalancerIPs` and the deprecated `spec.loadBalancerIP`.
 *
 * @see MetalLB `controller/service.go`, `getDesiredLbIPs`
 */
export function requestedAddresses(service: ServiceView): RequestedAddresses {
  const [stable] = LOAD_BALANCER_IPS;
  const list = annotation(service.annotations, LOAD_BALANCER_IPS);
  if (list !== '' && service.loadBalancerIP !== '') {
    return { ok: false, message: `service can not have both ${stable} and svc.Spec.LoadBalancerIP` };
  }
  if (list === '' && service.loadBalancerIP === '') {
    return { ok: true, value: [] };
  }
  if (list === '') {
    const address = parseIp(service.loadBalancerIP);
    return address === undefined
      ? { ok: false, message: `invalid spec.loadBalancerIP ${goQuote(service.loadBalancerIP.slice(0, MAX_LIST_TEXT))}` }
      : { ok: true, value: [formatIp(address)] };
  }
  const addresses: string[] = [];
  for (const text of list.length > MAX_LIST_TEXT ? [''] : list.split(',')) {
    const address = parseIp(text.trim());
    if (address === undefined) {
      return { ok: false, message: `invalid ${stable}: ${goQuote(list.slice(0, MAX_LIST_TEXT))}` };
    }
    addresses.push(formatIp(address));
  }
  const families = familiesOf(addresses);
  return families.ok ? { ok: true, value: addresses } : families;
}

/** Whether two lists have the same addresses, in whatever order. */
export function sameAddresses(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((address) => b.includes(address));
}
