import { parseGoDuration } from '../go/duration.ts';
import { isObject, textOr, type UntrustedObject } from '../objects/untrusted.ts';
import { createSpecChecker } from '../problem/schema-problems.ts';
import { bgpPeerDefinition } from '../schema/bgp-peer.ts';
import type { OpenApiSchema } from '../schema/open-api-schema.ts';

/**
 * The annotation in which a v1beta1 BGPPeer carries the fields that only v1beta2 has. It is there in what is read as
 * v1beta1, and never in what is stored: whoever reads, changes and writes an object as v1beta1 writes it back unseen.
 * MetalLB leaves it alone, and drops those fields.
 */
export const KEPT_FIELDS_ANNOTATION = 'steelyard.io/bgppeer-v1beta2-fields';

/** What v1beta1 has no field for. */
const FIELDS = [
  'localASN',
  'dynamicASN',
  'interface',
  'connectTime',
  'passwordSecret',
  'enableGracefulRestart',
  'vrf',
  'disableMP',
  'dualStackAddressFamily',
] as const;
/** More is no name of an interface, a VRF or a Secret, and all annotations of an object share 256 KiB. */
const MAX_ANNOTATION_CHARACTERS = 4096;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;

const fieldSchemas = FIELDS.flatMap((field): [string, OpenApiSchema][] => {
  const schema = bgpPeerDefinition.spec.properties?.[field];
  return schema === undefined ? [] : [[field, schema]];
});
const check = createSpecChecker({ type: 'object', properties: Object.fromEntries(fieldSchemas) });

/** What the annotation has to hold for a v1beta2 spec; nothing where no field says more than its default. */
export function keptFields(spec: UntrustedObject): string | undefined {
  const kept = fieldSchemas.flatMap(([field, schema]) =>
    saysMore(spec[field], schema) ? [[field, spec[field]] as const] : [],
  );
  const text = JSON.stringify(Object.fromEntries(kept));
  return kept.length === 0 || text.length > MAX_ANNOTATION_CHARACTERS ? undefined : text;
}

function saysMore(value: unknown, schema: OpenApiSchema): boolean {
  const empty = isObject(value) && Object.keys(value).length === 0;
  return value !== undefined && value !== '' && value !== schema.default && !empty;
}

/**
 * The fields that an annotation holds for a v1beta2 spec that a v1beta1 object became. What the v1beta1 object says
 * itself excludes its counterpart: somebody who gives an unnumbered peer an address means the address.
 *
 * The API server checks what is written as v1beta1 by the schema of v1beta1 alone, so that what the schema of v1beta2
 * refuses is refused here.
 *
 * @returns Nothing where the annotation cannot be read; it is not an error, since that would make whole lists unreadable.
 */
export function fieldsKeptIn(annotation: unknown, spec: UntrustedObject): UntrustedObject | undefined {
  const kept = parsed(annotation);
  if (kept === undefined || check(kept).length > 0 || !isConnectTime(kept['connectTime'])) {
    return undefined;
  }
  const excluded = {
    interface: spec['peerAddress'] !== undefined,
    dynamicASN: spec['peerASN'] !== undefined,
    passwordSecret: spec['password'] !== undefined,
  };
  return Object.fromEntries(
    FIELDS.filter((field) => Object.hasOwn(kept, field) && !(excluded as Record<string, boolean>)[field]).map(
      (field) => [field, kept[field]],
    ),
  );
}

function parsed(annotation: unknown): UntrustedObject | undefined {
  const text = textOr(annotation);
  if (text.length > MAX_ANNOTATION_CHARACTERS) {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The rules of the schema of `connectTime` that are in CEL. */
function isConnectTime(value: unknown): boolean {
  if (value === undefined) {
    return true;
  }
  const duration = parseGoDuration(textOr(value));
  return (
    duration.ok &&
    duration.nanoseconds % NANOSECONDS_PER_SECOND === 0n &&
    duration.nanoseconds >= NANOSECONDS_PER_SECOND &&
    duration.nanoseconds <= 65535n * NANOSECONDS_PER_SECOND
  );
}
