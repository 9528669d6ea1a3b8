import type { ApiObject } from '../objects/api-object.ts';
import { objectOr } from '../objects/untrusted.ts';
import { type Problem, problemOf } from '../problem/problem.ts';
import { createSpecChecker } from '../problem/schema-problems.ts';
import { ipAddressPoolDefinition } from '../schema/ip-address-pool.ts';
import type { PoolSource } from './pool.ts';

const checkSpec = createSpecChecker(ipAddressPoolDefinition.spec);

/** Takes what makes up a pool out of an IPAddressPool. */
export function poolSource({ reference, labels, spec: written }: ApiObject): PoolSource {
  const spec = objectOr(written);
  return {
    object: reference,
    at: 'spec.',
    nameField: 'metadata.name',
    name: reference.name,
    labels,
    addresses: spec['addresses'],
    autoAssign: spec['autoAssign'] !== false, // the CRD's default
    avoidBuggyIps: spec['avoidBuggyIPs'] === true,
    serviceAllocation: spec['serviceAllocation'],
    findings: checkSpec(written).filter(({ message }) => !message.includes('required property "addresses"')), // MetalLB has words for it
  };
}

/** Says that an IPAddressPool has no name. */
export function missingName({ reference }: ApiObject): Problem {
  return problemOf(reference, {
    field: 'metadata.name',
    value: null,
    code: 'ERR_CONFIG_MISSING_NAME',
    message: 'missing pool name',
    remedy: 'give the pool a name',
  });
}
