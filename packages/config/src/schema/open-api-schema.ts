/** What the kinds use of OpenAPI v3 as Kubernetes extends it; each such schema is a JSON schema as well. */
export interface OpenApiSchema {
  readonly type: 'object' | 'array' | 'string' | 'boolean' | 'integer';
  readonly description?: string;
  readonly format?: 'int32' | 'int64';
  readonly default?: boolean | number | string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: OpenApiSchema;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly additionalProperties?: OpenApiSchema;
  readonly required?: readonly string[];
  readonly 'x-kubernetes-list-type'?: 'atomic';
  readonly 'x-kubernetes-map-type'?: 'atomic';
  /** The TypeScript name of this part. It never reaches the CRD. */
  readonly typeName?: string;
}

/** A column of `kubectl get`. Those with a priority above 0 are shown by `-o wide` only. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  readonly priority?: number;
}

/** One kind of the group `metallb.io`: the source of its TypeScript type, its JSON schema and its CRD. */
export interface KindDefinition {
  readonly kind: string;
  readonly plural: string;
  readonly version: 'v1beta1' | 'v1beta2';
  readonly description: string;
  readonly spec: OpenApiSchema;
  readonly specRequired: boolean;
  readonly status: OpenApiSchema;
  readonly printerColumns: readonly PrinterColumn[];
}
