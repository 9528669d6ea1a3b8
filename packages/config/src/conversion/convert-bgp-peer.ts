import { goQuote } from '@steelyard/ipam';
import { formatGoDuration, parseGoDuration } from '../go/duration.ts';
import { isObject, objectOr, textOr, type UntrustedObject, withoutNulls } from '../objects/untrusted.ts';
import { createSpecChecker } from '../problem/schema-problems.ts';
import { bgpPeerDefinition } from '../schema/bgp-peer.ts';
import { bgpPeerV1Beta1 } from '../schema/bgp-peer-v1beta1.ts';
import { API_GROUP } from '../schema/custom-resource-definition.ts';
import type { OpenApiSchema } from '../schema/open-api-schema.ts';
import { fieldsKeptIn, KEPT_FIELDS_ANNOTATION, keptFields } from './kept-fields.ts';
import { labelSelectorsFrom, nodeSelectorsFrom } from './node-selectors.ts';

/** How a conversion deals with what the two versions cannot say alike. */
export interface ConversionOptions {
  /**
   * To do as MetalLB: a timer that is not set becomes `0s`, which turns hold time and keepalives off; timers, an empty
   * `passwordSecret` and an empty status are written as Go writes them; what v1beta1 has no field for is lost.
   */
  readonly parity?: boolean;
}

/** The outcome of `convertBgpPeer`. */
export type ConversionOutcome =
  | { readonly ok: true; readonly object: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly message: string };

/** Copied as they are, unless they have Go's zero value, which means "not given" in both versions. */
const COMMON_FIELDS = ['peerPort', 'sourceAddress', 'routerID', 'password', 'bfdProfile', 'ebgpMultiHop'] as const;
const TIMERS = ['holdTime', 'keepaliveTime'] as const;

const V1BETA1 = `${API_GROUP}/v1beta1`;
const V1BETA2 = `${API_GROUP}/v1beta2`;
const MAX_MESSAGE_CHARACTERS = 1000;

const checkers: ReadonlyMap<unknown, ReturnType<typeof createSpecChecker>> = new Map([
  [V1BETA1, createSpecChecker(typesOf(bgpPeerV1Beta1.spec ?? { type: 'object' }))],
  [V1BETA2, createSpecChecker(typesOf(bgpPeerDefinition.spec))],
]);

/**
 * Converts a BGPPeer to another version: MetalLB `api/v1beta1/conversion.go`. Metadata is copied whole, the status has
 * nothing in it.
 *
 * Only types are checked, as Go does when it decodes: a stored object that newer schemas would refuse must stay readable,
 * else one such object makes the list of all unreadable.
 *
 * @returns The object in the desired version, or why not. Never throws.
 */
export function convertBgpPeer(
  object: unknown,
  desiredApiVersion: string,
  options: ConversionOptions = {},
): ConversionOutcome {
  if (!isObject(object) || object['kind'] !== bgpPeerDefinition.kind || !isObject(object['metadata'])) {
    return failure('only objects of kind BGPPeer, with metadata, can be converted');
  }
  const { apiVersion, metadata } = object;
  const name = `BGPPeer ${textOr(metadata['namespace'])}/${textOr(metadata['name'])}`;
  const check = checkers.get(apiVersion);
  if (check === undefined || !checkers.has(desiredApiVersion)) {
    return failure(`${name}: no conversion from ${goQuote(textOr(apiVersion))} to ${goQuote(desiredApiVersion)}`);
  }
  if (apiVersion === desiredApiVersion) {
    return { ok: true, object };
  }
  const spec = withoutNulls(object['spec'] ?? {});
  const [finding] = check(spec);
  if (finding !== undefined || !isObject(spec)) {
    return failure(`${name}: ${finding?.field ?? 'spec'}: ${finding?.message ?? 'is no object'}`);
  }
  const converted =
    desiredApiVersion === V1BETA2 ? toV1Beta2(metadata, spec, options) : toV1Beta1(metadata, spec, options);
  // It has no fields. Where none is stored, one would be a change, and the write of what changes nothing a write.
  const status = options.parity || object['status'] !== undefined ? { status: {} } : {};
  return {
    ok: true,
    object: { apiVersion: desiredApiVersion, kind: bgpPeerDefinition.kind, ...converted, ...status },
  };
}

function toV1Beta2(metadata: UntrustedObject, old: UntrustedObject, options: ConversionOptions): UntrustedObject {
  const spec = {
    myASN: old['myASN'] ?? 0,
    ...given(old, ['peerASN', 'peerAddress', ...COMMON_FIELDS]),
    ...timersOf(old, options),
    ...listUnlessEmpty(labelSelectorsFrom(old['nodeSelectors'])),
    ...(options.parity && { passwordSecret: {} }),
  };
  const { [KEPT_FIELDS_ANNOTATION]: annotation, ...annotations } = objectOr(metadata['annotations']);
  const kept = options.parity || annotation === undefined ? undefined : fieldsKeptIn(annotation, spec);
  return kept === undefined
    ? { metadata, spec }
    : { metadata: withAnnotations(metadata, annotations), spec: { ...spec, ...kept } };
}

function toV1Beta1(metadata: UntrustedObject, spec: UntrustedObject, options: ConversionOptions): UntrustedObject {
  const old = {
    myASN: spec['myASN'] ?? 0,
    peerASN: spec['peerASN'] ?? 0,
    peerAddress: spec['peerAddress'] ?? '',
    ...given(spec, COMMON_FIELDS),
    ...timersOf(spec, options),
    ...listUnlessEmpty(nodeSelectorsFrom(spec['nodeSelectors'])),
  };
  const kept = options.parity ? undefined : keptFields(spec);
  const { [KEPT_FIELDS_ANNOTATION]: outdated, ...annotations } = objectOr(metadata['annotations']);
  return options.parity || (kept === undefined && outdated === undefined)
    ? { metadata, spec: old }
    : {
        metadata: withAnnotations(metadata, {
          ...annotations,
          ...(kept !== undefined && { [KEPT_FIELDS_ANNOTATION]: kept }),
        }),
        spec: old,
      };
}

/** Those of the fields that say something. */
function given(spec: UntrustedObject, fields: readonly string[]): UntrustedObject {
  return Object.fromEntries(fields.flatMap((field) => (spec[field] ? [[field, spec[field]]] : [])));
}

function timersOf(spec: UntrustedObject, { parity = false }: ConversionOptions): UntrustedObject {
  const timers = TIMERS.flatMap((timer) => {
    const text = spec[timer] ?? (parity ? '0s' : undefined);
    return text === undefined ? [] : [[timer, parity ? asGoWrites(textOr(text)) : text]];
  });
  return Object.fromEntries(timers);
}

/** MetalLB converts no list with a duration in it that it cannot read; ours stays readable, and the parser tells. */
function asGoWrites(text: string): string {
  const duration = parseGoDuration(text);
  return duration.ok ? formatGoDuration(duration.nanoseconds) : text;
}

function listUnlessEmpty(nodeSelectors: readonly UntrustedObject[]): UntrustedObject {
  return nodeSelectors.length > 0 ? { nodeSelectors } : {};
}

function withAnnotations(metadata: UntrustedObject, annotations: UntrustedObject): UntrustedObject {
  const { annotations: _, ...rest } = metadata;
  return Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest;
}

/** A schema that asks for types and for nothing else. */
function typesOf({ type, items, properties, additionalProperties }: OpenApiSchema): OpenApiSchema {
  return {
    ...(type && { type }),
    ...(items && { items: typesOf(items) }),
    ...(additionalProperties && { additionalProperties: typesOf(additionalProperties) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, typesOf(part)])),
    }),
  };
}

function failure(message: string): ConversionOutcome {
  return { ok: false, message: message.slice(0, MAX_MESSAGE_CHARACTERS) };
}
