/** A place for a `caBundle`, within an object. */
export interface CaBundlePlace {
  /** RFC 6901. */
  readonly pointer: string;
  /** Base64 of PEM, as it stands there; undefined where there is none. */
  readonly caBundle: string | undefined;
}

/** Those of an object, at one of its versions. */
export interface CaBundlePlaces {
  readonly resourceVersion: string;
  readonly places: readonly CaBundlePlace[];
}

/** A kind of object that tells the API server whom to believe. */
export interface CaBundleTarget {
  readonly kind: 'ValidatingWebhookConfiguration' | 'CustomResourceDefinition';
  readonly name: string;
  /** Of the collection. */
  readonly path: string;
  /** For messages. */
  readonly resource: string;
  readonly places: (object: Readonly<Record<string, unknown>>) => readonly CaBundlePlace[];
}

/** An API server takes no object over 3 MiB; more webhooks than this are nobody's. */
const MAX_WEBHOOKS = 1000;

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function placeIn(clientConfig: unknown, pointer: string): readonly CaBundlePlace[] {
  if (typeof clientConfig !== 'object' || clientConfig === null) return [];
  const caBundle = field(clientConfig, 'caBundle');
  return [{ pointer: `${pointer}/caBundle`, caBundle: typeof caBundle === 'string' ? caBundle : undefined }];
}

/** All of its webhooks: cert-controller's `injectCertToWebhook`. */
export function webhookConfigurationTarget(name: string): CaBundleTarget {
  return {
    kind: 'ValidatingWebhookConfiguration',
    name,
    path: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    resource: 'validatingwebhookconfigurations.admissionregistration.k8s.io',
    places: (object) => {
      const webhooks: unknown = field(object, 'webhooks');
      if (!Array.isArray(webhooks)) return [];
      return webhooks
        .slice(0, MAX_WEBHOOKS)
        .flatMap((webhook, index) => placeIn(field(webhook, 'clientConfig'), `/webhooks/${index}/clientConfig`));
    },
  };
}

/** Its conversion webhook, if it has one: cert-controller's `injectCertToConversionWebhook`. */
export function conversionTarget(name: string): CaBundleTarget {
  return {
    kind: 'CustomResourceDefinition',
    name,
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    resource: 'customresourcedefinitions.apiextensions.k8s.io',
    places: (object) => {
      const webhook = field(field(field(object, 'spec'), 'conversion'), 'webhook');
      return placeIn(field(webhook, 'clientConfig'), '/spec/conversion/webhook/clientConfig');
    },
  };
}
