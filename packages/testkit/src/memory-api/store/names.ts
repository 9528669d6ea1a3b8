/** Which names objects may have (k8s.io/apimachinery/pkg/util/validation), and what is said of the others. */

import type { ResourceKind } from '../kinds/resource-kind.ts';
import { type FieldError, invalidValue } from '../status-error.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

const RULES: Readonly<Record<ResourceKind['nameRule'], { pattern: RegExp; maxLength: number; message: string }>> = {
  subdomain: {
    pattern: new RegExp(`^${LABEL}(\\.${LABEL})*$`),
    maxLength: 253,
    message:
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character " +
      "(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  },
  label: {
    pattern: new RegExp(`^${LABEL}$`),
    maxLength: 63,
    message:
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character " +
      "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  },
};

export function nameErrors(rule: ResourceKind['nameRule'], name: string): FieldError[] {
  const { pattern, maxLength, message } = RULES[rule];
  const errors: FieldError[] = [];
  if (name.length > maxLength)
    errors.push(invalidValue('metadata.name', name, `must be no more than ${maxLength} bytes`));
  if (!pattern.test(name)) errors.push(invalidValue('metadata.name', name, message));
  return errors;
}
