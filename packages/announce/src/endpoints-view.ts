import { listOr, objectOr, textOr } from './untrusted.ts';

/** Where the endpoints of a Service are that can serve. */
export interface EndpointsView {
  /** At least one endpoint can serve, on whatever node. */
  readonly serving: boolean;
  /** The nodes that have one. */
  readonly servingNodes: ReadonlySet<string>;
  /** The same without endpoints that have no address, where there are such: for BGP they do not count. */
  readonly addressed?: ServingEndpoints | undefined;
}

/** Endpoints that can serve. */
export interface ServingEndpoints {
  readonly serving: boolean;
  readonly servingNodes: ReadonlySet<string>;
}

/** What a speaker keeps of an EndpointSlice. */
export interface EndpointSliceView extends EndpointsView {
  /** `namespace/name`. */
  readonly key: string;
  /** The Service that it belongs to, `namespace/name`; `undefined` for a slice without the label. */
  readonly serviceKey: string | undefined;
}

/** A Service without endpoints. */
export const NO_ENDPOINTS: EndpointsView = { serving: false, servingNodes: new Set() };

/** KEP-752: the label that says which Service a slice belongs to. */
const SERVICE_NAME = 'kubernetes.io/service-name';

/**
 * Reduces an EndpointSlice as the API server sends it.
 *
 * An endpoint can serve if it is ready, or not said to be unready, or serving while it terminates. Ports and the address
 * type make no difference, nor do addresses at layer 2.
 *
 * @returns `undefined` if it is no slice that has a name.
 * @see MetalLB `internal/k8s/epslices/endpoint_slices.go`, `EndpointCanServe`
 */
export function projectEndpointSlice(object: unknown): EndpointSliceView | undefined {
  const { metadata, endpoints } = objectOr(object);
  const { namespace, name, labels } = objectOr(metadata);
  const service = objectOr(labels)[SERVICE_NAME];
  if (textOr(name) === '') {
    return undefined;
  }
  const serving = listOr(endpoints).map(objectOr).filter(canServe);
  const addressed = serving.filter(({ addresses }) => listOr(addresses).length > 0);
  return {
    key: `${textOr(namespace)}/${textOr(name)}`,
    serviceKey: textOr(service) === '' ? undefined : `${textOr(namespace)}/${textOr(service)}`,
    ...servingOf(serving),
    ...(addressed.length === serving.length ? {} : { addressed: servingOf(addressed) }),
  };
}

function servingOf(endpoints: readonly Readonly<Record<string, unknown>>[]): ServingEndpoints {
  return {
    serving: endpoints.length > 0,
    servingNodes: new Set(endpoints.map(({ nodeName }) => textOr(nodeName)).filter((node) => node !== '')),
  };
}

/** Puts the slices of one Service together. */
export function mergeEndpointSlices(slices: Iterable<EndpointsView>): EndpointsView {
  const all = [...slices];
  const [only] = all;
  if (only !== undefined && all.length === 1) {
    return only;
  }
  return {
    ...unionOf(all),
    ...(all.every(({ addressed }) => addressed === undefined)
      ? {}
      : { addressed: unionOf(all.map((view) => view.addressed ?? view)) }),
  };
}

function unionOf(all: readonly ServingEndpoints[]): ServingEndpoints {
  return {
    serving: all.some(({ serving }) => serving),
    servingNodes: new Set(all.flatMap(({ servingNodes }) => [...servingNodes])),
  };
}

/** Whether two views lead to the same decisions. */
export function sameEndpoints(a: EndpointsView, b: EndpointsView): boolean {
  const addressed = a.addressed === undefined && b.addressed === undefined;
  return sameServing(a, b) && (addressed || sameServing(a.addressed ?? a, b.addressed ?? b));
}

function sameServing(a: ServingEndpoints, b: ServingEndpoints): boolean {
  return (
    a.serving === b.serving &&
    a.servingNodes.size === b.servingNodes.size &&
    [...a.servingNodes].every((node) => b.servingNodes.has(node))
  );
}

function canServe({ conditions }: Readonly<Record<string, unknown>>): boolean {
  const { ready, serving } = objectOr(conditions);
  return ready === undefined || ready === null || ready === true || serving === true;
}
