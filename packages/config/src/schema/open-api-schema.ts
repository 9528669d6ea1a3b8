/** What the kinds use of OpenAPI v3 as Kubernetes extends it; each such schema is a JSON schema as well. */
export interface OpenApiSchema {
  /** Absent for an integer or a text. */
  readonly type?: 'object' | 'array' | 'string' | 'boolean' | 'integer';
  readonly description?: string;
  readonly format?: 'int32' | 'int64' | 'date-time';
  readonly default?: boolean | number | string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly items?: OpenApiSchema;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly additionalProperties?: OpenApiSchema;
  readonly required?: readonly string[];
  readonly 'x-kubernetes-int-or-string'?: true;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic';
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
  /** The TypeScript name of this part. It never reaches the CRD. */
  readonly typeName?: string;
}

/** A rule in the Common Expression Language that the API server checks, and what it says when it does not hold. */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
}

/** A column of `kubectl get`. Those with a priority above 0 are shown by `-o wide` only. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  readonly priority?: number;
}

/** A kind at one of its versions: the source of a TypeScript type, a JSON schema and a part of a CRD. */
export interface KindVersion {
  readonly version: 'v1alpha1' | 'v1beta1' | 'v1beta2';
  readonly description: string;
  /** A kind that only reports has none. */
  readonly spec?: OpenApiSchema;
  readonly specRequired: boolean;
  readonly status: OpenApiSchema;
  readonly printerColumns: readonly PrinterColumn[];
  /** What the API server says to whoever still uses this version. */
  readonly deprecationWarning?: string;
}

/** One kind at the version that it is stored in, and what else it is served as. */
export interface KindDefinition extends KindVersion {
  /** Default `metallb.io`. */
  readonly group?: 'steelyard.io';
  readonly kind: string;
  readonly plural: string;
  /** Versions that are served, and converted from and to the stored one by the webhook. */
  readonly olderVersions?: readonly KindVersion[];
}

/** A kind in which users say what they want. */
export interface ConfigurationKindDefinition extends KindDefinition {
  readonly spec: OpenApiSchema;
}
