import type { ApiClient } from '@steelyard/testkit';

/** What the story looks at in a Service. */
export interface ServiceNow {
  readonly uid: string;
  readonly resourceVersion: string;
  /** The addresses in its status. */
  readonly addresses: readonly string[];
  /** The pool that they are from, as the controller notes it. */
  readonly pool: string | undefined;
}

/** Reads a Service of the namespace `default`. */
export async function readService(client: ApiClient, name: string): Promise<ServiceNow> {
  const { metadata, status } = (await client.get(`/api/v1/namespaces/default/services/${name}`)) as ServiceObject;
  return {
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    addresses: (status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip),
    pool: metadata.annotations?.['metallb.io/ip-allocated-from-pool'],
  };
}

interface ServiceObject {
  readonly metadata: {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}
