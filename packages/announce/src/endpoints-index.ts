import {
  type EndpointSliceView,
  type EndpointsView,
  mergeEndpointSlices,
  NO_ENDPOINTS,
  sameEndpoints,
} from './endpoints-view.ts';

/** The endpoints of each Service, kept from its slices. */
export interface EndpointsIndex {
  /** @returns The Services whose endpoints changed in a way that counts. */
  setSlice(key: string, slice: EndpointSliceView | undefined): readonly string[];
  of(serviceKey: string): EndpointsView;
}

export function createEndpointsIndex(): EndpointsIndex {
  const slices = new Map<string, EndpointSliceView>();
  const slicesOf = new Map<string, Map<string, EndpointSliceView>>();
  const endpointsOf = new Map<string, EndpointsView>();

  function setSlice(key: string, slice: EndpointSliceView | undefined): readonly string[] {
    const before = slices.get(key);
    if (slice === undefined) {
      slices.delete(key);
    } else {
      slices.set(key, slice);
    }
    const touched = new Set<string>();
    for (const serviceKey of [before?.serviceKey, slice?.serviceKey]) {
      if (serviceKey !== undefined) {
        touched.add(serviceKey);
      }
    }
    return [...touched].filter((serviceKey) => setEndpoints(serviceKey, key, slice));
  }

  /** @returns Whether the endpoints of the Service changed in a way that counts. */
  function setEndpoints(serviceKey: string, sliceKey: string, slice: EndpointSliceView | undefined): boolean {
    const own = slicesOf.get(serviceKey) ?? new Map<string, EndpointSliceView>();
    if (slice?.serviceKey === serviceKey) {
      own.set(sliceKey, slice);
    } else {
      own.delete(sliceKey);
    }
    const before = endpointsOf.get(serviceKey) ?? NO_ENDPOINTS;
    if (own.size === 0) {
      slicesOf.delete(serviceKey);
      endpointsOf.delete(serviceKey);
    } else {
      slicesOf.set(serviceKey, own);
      endpointsOf.set(serviceKey, mergeEndpointSlices(own.values()));
    }
    return !sameEndpoints(before, endpointsOf.get(serviceKey) ?? NO_ENDPOINTS);
  }

  return { setSlice, of: (serviceKey) => endpointsOf.get(serviceKey) ?? NO_ENDPOINTS };
}
