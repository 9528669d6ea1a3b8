import { DISABLE_MP_WARNING, unservedPeerFindings } from '../bgp/unserved-fields.ts';
import { asNative, nativePeerFindings } from '../implementation-rules/native.ts';
import { referenceOf } from '../objects/api-object.ts';
import { jsonText } from '../objects/json-text.ts';
import { isObject, objectOr, textOr, type UntrustedObject, withoutNulls } from '../objects/untrusted.ts';
import { parseConfiguration } from '../parse-configuration.ts';
import { type ObjectReference, type Problem, problemOf } from '../problem/problem.ts';
import { blankReferences } from './blank-references.ts';
import { type AdmissionKind, type AdmissionOperation, type AdmissionSlices, ownSlice, slicesNeeded } from './slices.ts';

/** An object that somebody wants to create, change or delete. Nothing of it is trusted. */
export interface AdmissionQuestion {
  readonly kind: AdmissionKind;
  readonly operation: AdmissionOperation;
  /** As it would be. */
  readonly object?: unknown;
  /** As it is. */
  readonly oldObject?: unknown;
  /** MetalLB's: objects elsewhere are never read. */
  readonly namespace: string;
  /** What `slicesNeeded` names. */
  readonly existing: AdmissionSlices;
  /** `METALLB_BGP_TYPE`; `native` if missing. */
  readonly bgpType?: string;
  readonly parity?: boolean;
}

/** Whether the API server may store it. */
export type AdmissionOutcome =
  | { readonly allowed: true; readonly warnings: readonly string[] }
  | { readonly allowed: false; readonly message: string };

/** As many reasons as anybody mends at a time. */
const MAX_REASONS = 5;
const ALLOWED: AdmissionOutcome = { allowed: true, warnings: [] };

/**
 * Reviews an object as MetalLB's webhooks do, each kind with its own part of the world.
 *
 * It is refused for what it makes wrong: an object that was wrong before stands in nobody's way. Under parity it is
 * refused for whatever is wrong in its part of the world.
 *
 * @returns Never throws, whatever the objects are.
 * @see MetalLB `internal/k8s/webhooks/webhookv1beta1`, `webhookv1beta2`, and `internal/config/validator.go`
 */
export function reviewObject(question: AdmissionQuestion): AdmissionOutcome {
  switch (question.operation) {
    case 'CREATE':
    case 'UPDATE':
      return reviewChange(question);
    case 'DELETE':
      return reviewDeletion(question);
    case 'CONNECT':
      return ALLOWED;
  }
}

function reviewChange(question: AdmissionQuestion): AdmissionOutcome {
  const { kind, operation, namespace, parity = false } = question;
  const object = newestIfNew(question);
  const reference = referenceOf(kind, object);
  if (reference.namespace !== namespace && (operation === 'CREATE' || !parity)) {
    return refuse(reference, 'metadata.namespace', `resource must be created in ${namespace} namespace`);
  }
  const after = problemsWith(question, object);
  const errors = after.filter(({ severity }) => severity === 'error');
  const counted = errors.length === 0 || parity ? errors : newErrors(question, errors);
  if (counted.length > 0) {
    const own = counted.filter((problem) => isAbout(problem, reference));
    const others = counted.filter((problem) => !isAbout(problem, reference));
    const reasons = [...own, ...others].slice(0, MAX_REASONS).map(({ message }) => message);
    return { allowed: false, message: reasons.join('\n') };
  }
  const warnings = after
    .filter((problem) => problem.severity === 'warning' && isAbout(problem, reference) && !isDisableMp(problem))
    .map(({ message, remedy }) => `${message}; ${remedy}`);
  return { allowed: true, warnings: [...ownWarnings(question, object, reference), ...warnings] };
}

/**
 * What is created comes last, also beside what was created within the same second: it is to blame where two conflict, and not
 * what was there.
 */
function newestIfNew({ operation, object }: AdmissionQuestion): UntrustedObject {
  const written = objectOr(object);
  if (operation !== 'CREATE') return written;
  const { creationTimestamp: _, ...metadata } = objectOr(written['metadata']);
  return { ...written, metadata };
}

/** What is wrong when the object stands among those that exist. */
function problemsWith(question: AdmissionQuestion, object: UntrustedObject | undefined): readonly Problem[] {
  const { kind, operation, parity = false } = question;
  const own = ownSlice(kind);
  const seen: AdmissionSlices = Object.fromEntries(
    slicesNeeded(kind, operation).map((slice) => [slice, question.existing[slice] ?? []]),
  );
  const slices = own === undefined ? seen : { ...seen, [own]: replaced(seen[own] ?? [], object) };
  const { ipAddressPools = [], l2Advertisements = [], nodes, ...others } = blankReferences(slices);
  // MetalLB judges a BFDProfile by its schema alone.
  const bgpType = own === undefined && parity ? '' : (question.bgpType ?? 'native');
  const { problems } = parseConfiguration({
    ipAddressPools,
    l2Advertisements,
    ...(own === undefined ? { bfdProfiles: object === undefined ? [] : [object] } : others),
    ...(nodes && { nodes }),
    reader: 'webhook',
    bgpType,
    parity,
  });
  return problems;
}

/** A list with one object in the place of that which has its name, else at its end. */
function replaced(list: readonly unknown[], object: UntrustedObject | undefined): readonly unknown[] {
  if (object === undefined) {
    return list;
  }
  const { name } = objectOr(object['metadata']);
  const index = list.findIndex((item) => isObject(item) && objectOr(item['metadata'])['name'] === name);
  return index < 0 ? [...list, object] : list.with(index, object);
}

/** The errors that were not there before; those of the object itself also if its spec changes. */
function newErrors(question: AdmissionQuestion, errors: readonly Problem[]): readonly Problem[] {
  const { kind, operation, object, oldObject } = question;
  const reference = referenceOf(kind, objectOr(object));
  const old = operation === 'UPDATE' && isObject(oldObject) ? oldObject : undefined;
  const before = new Set(
    problemsWith(question, old)
      .filter(({ severity }) => severity === 'error')
      .map(identityOf),
  );
  const touched = old === undefined || specText(objectOr(object)) !== specText(old);
  return errors.filter((error) => !before.has(identityOf(error)) || (touched && isAbout(error, reference)));
}

function specText(object: UntrustedObject): string {
  return jsonText(withoutNulls(object['spec'] ?? {}));
}

function identityOf({ object, code, field }: Problem): string {
  return JSON.stringify([object.kind, object.name, code, field]);
}

function isAbout({ object }: Problem, { kind, name }: ObjectReference): boolean {
  return object.kind === kind && object.name === name;
}

/** Webhooks say it on creation alone, and bare, as MetalLB's do. */
function isDisableMp({ code, field }: Problem): boolean {
  return code === 'ERR_CONFIG_NOT_SERVED' && field === 'spec.disableMP';
}

/** What is said of the object alone. */
function ownWarnings(
  { kind, operation, bgpType = 'native' }: AdmissionQuestion,
  object: UntrustedObject,
  reference: ObjectReference,
): readonly string[] {
  if (kind !== 'BGPPeer') {
    return [];
  }
  const spec = objectOr(object['spec']);
  // Blanked before the rest is judged, and yet refused in native mode, and not served.
  const blanked = { bfdProfile: spec['bfdProfile'], peerAddress: spec['peerAddress'] };
  const refused = bgpType === 'native' ? nativePeerFindings(blanked).map((finding) => asNative(finding, false)) : [];
  const findings = [...refused, ...unservedPeerFindings(blanked)];
  const problems = findings.map((finding) => problemOf(reference, finding));
  const deprecated = operation === 'CREATE' && spec['disableMP'] === true ? [DISABLE_MP_WARNING] : [];
  return [...deprecated, ...problems.map(({ message, remedy }) => `${message}; ${remedy}`)];
}

function reviewDeletion({
  kind,
  oldObject,
  object,
  namespace,
  existing,
  parity = false,
}: AdmissionQuestion): AdmissionOutcome {
  const reference = referenceOf(kind, objectOr(oldObject ?? object));
  if (kind !== 'BFDProfile' || (reference.namespace !== namespace && !parity)) {
    return ALLOWED;
  }
  const user = (existing.bgpPeers ?? []).find(
    (peer) => isObject(peer) && objectOr(peer['spec'])['bfdProfile'] === reference.name,
  );
  if (user === undefined || reference.name === '') {
    return ALLOWED;
  }
  const { name } = objectOr(objectOr(user)['metadata']);
  return refuse(reference, '', `failed to delete BFDProfile ${reference.name}, used by BGPPeer ${textOr(name)}`);
}

function refuse(reference: ObjectReference, field: string, message: string): AdmissionOutcome {
  const finding = { field, value: null, code: 'ERR_CONFIG_CONFLICT', message, remedy: '' } as const;
  return { allowed: false, message: problemOf(reference, finding).message };
}
