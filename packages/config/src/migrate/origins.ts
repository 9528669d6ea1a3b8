import type { Problem } from '../problem/problem.ts';
import type { Converted } from './convert.ts';

/** Which part of the old document a part of an object's `spec` comes from, where their words differ. */
const OLD_WORDS: ReadonlyMap<string, string> = new Map([
  ['myASN', 'my-asn'],
  ['peerASN', 'peer-asn'],
  ['peerAddress', 'peer-address'],
  ['sourceAddress', 'source-address'],
  ['peerPort', 'peer-port'],
  ['holdTime', 'hold-time'],
  ['keepaliveTime', 'keepalive-time'],
  ['routerID', 'router-id'],
  ['nodeSelectors', 'node-selectors'],
  ['matchLabels', 'match-labels'],
  ['matchExpressions', 'match-expressions'],
  ['bfdProfile', 'bfd-profile'],
  ['ebgpMultiHop', 'ebgp-multihop'],
  ['autoAssign', 'auto-assign'],
  ['avoidBuggyIPs', 'avoid-buggy-ips'],
  ['aggregationLength', 'aggregation-length'],
  ['aggregationLengthV6', 'aggregation-length-v6'],
  ['localPref', 'localpref'],
  ['receiveInterval', 'receive-interval'],
  ['transmitInterval', 'transmit-interval'],
  ['detectMultiplier', 'detect-multiplier'],
  ['echoInterval', 'echo-interval'],
  ['echoMode', 'echo-mode'],
  ['passiveMode', 'passive-mode'],
  ['minimumTtl', 'minimum-ttl'],
]);

/** The part of the old document that a problem with an object is about. */
export function originOf(problem: Problem, converted: readonly Converted[]): string {
  const { kind, name } = problem.object;
  const found = converted.find(({ object }) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) {
    return '';
  }
  const { object, origin } = found;
  const field = problem.field.replace(/^(spec|metadata)\.?/, '');
  const alias = /^communities\[(\d+)\]/.exec(field);
  if (object.kind === 'Community' && alias !== null) {
    const aliases = object.spec !== undefined && 'communities' in object.spec ? object.spec.communities : undefined;
    const named = aliases?.[Number(alias[1])];
    const aliasName = typeof named === 'object' && 'name' in named ? (named.name ?? '') : '';
    return `${origin}[${JSON.stringify(aliasName)}]`;
  }
  const words = oldWords(field);
  return words === '' ? origin : `${origin}.${words}`;
}

/** A text in which the fields of objects have the names that they have in the old document. */
export function oldWords(text: string): string {
  return text.replace(/\b[A-Za-z0-9]+\b/g, (word) => OLD_WORDS.get(word) ?? word);
}
