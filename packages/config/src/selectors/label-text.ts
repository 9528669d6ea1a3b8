/** Kubernetes `IsQualifiedName` and `IsValidLabelValue`, with their words. */

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_NAME_CHARACTERS = 63;
const MAX_SUBDOMAIN_CHARACTERS = 253;

const NAME_WORDS =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const SUBDOMAIN_WORDS =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const VALUE_WORDS =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** What is wrong with the key of a label: an optional DNS subdomain and a slash, then a name. */
export function wrongWithLabelKey(key: string): readonly string[] {
  const parts = key.split('/');
  if (parts.length > 2) {
    return [`a qualified name ${NAME_WORDS} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  return [
    ...(prefix === undefined ? [] : wrongWithPrefix(prefix)),
    ...(name === '' ? ['name part must be non-empty'] : []),
    ...tooLong('name part ', name, MAX_NAME_CHARACTERS),
    ...(NAME.test(name) ? [] : [`name part ${NAME_WORDS}`]),
  ];
}

/** What is wrong with the value of a label. */
export function wrongWithLabelValue(value: string): readonly string[] {
  return [...tooLong('', value, MAX_NAME_CHARACTERS), ...(value === '' || NAME.test(value) ? [] : [VALUE_WORDS])];
}

function wrongWithPrefix(prefix: string): readonly string[] {
  if (prefix === '') {
    return ['prefix part must be non-empty'];
  }
  const long = tooLong('prefix part ', prefix, MAX_SUBDOMAIN_CHARACTERS);
  return SUBDOMAIN.test(prefix) ? long : [...long, `prefix part ${SUBDOMAIN_WORDS}`];
}

function tooLong(part: string, text: string, most: number): readonly string[] {
  return text.length > most ? [`${part}must be no more than ${most} characters`] : [];
}
