import {
  type ConfigurationInput,
  type ConfigurationOutcome,
  type ParsedConfig,
  parseConfiguration,
} from '../src/index.ts';

/** Objects as they come from the API server, for tests. */
type Metadata = Readonly<Record<string, unknown>>;
export interface TestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly spec: object;
}
const object = (kind: string, name: string, spec: object, metadata: Metadata = {}): TestObject => ({
  apiVersion: 'metallb.io/v1beta1',
  kind,
  metadata: { namespace: 'metallb-system', name, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
  spec,
});
export const NEWER: Metadata = { creationTimestamp: '2026-02-01T00:00:00Z' };

export const pool = (name: string, addresses: unknown, metadata?: Metadata): TestObject =>
  object('IPAddressPool', name, { addresses }, metadata);
export const advertisement = (name: string, spec: object = {}, metadata?: Metadata): TestObject =>
  object('BGPAdvertisement', name, spec, metadata);
export const peer = (name: string, spec: object = {}, metadata?: Metadata): TestObject =>
  object('BGPPeer', name, { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', ...spec }, metadata);
export const profile = (name: string, spec: object = {}, metadata?: Metadata): TestObject =>
  object('BFDProfile', name, spec, metadata);
export const community = (name: string, aliases: readonly unknown[], metadata?: Metadata): TestObject =>
  object('Community', name, { communities: aliases }, metadata);
export const secret = (name: string, password: string | undefined, type = 'kubernetes.io/basic-auth'): object => ({
  metadata: { namespace: 'metallb-system', name },
  type,
  data: password === undefined ? {} : { password: btoa(password) },
});
export const selector = (labels: Readonly<Record<string, string>>): object => ({ matchLabels: labels });

/** Parses with the rules of no particular mode, so that only what a test is about is found. */
export function parse(input: Partial<ConfigurationInput>, previous?: ParsedConfig): ConfigurationOutcome {
  return parseConfiguration(
    { ipAddressPools: [], l2Advertisements: [], namespaces: [], bgpType: 'none', ...input },
    previous,
  );
}

/** The messages of a configuration, without what is said of every BGP object. */
export function messages(input: Partial<ConfigurationInput>, previous?: ParsedConfig): readonly string[] {
  return parse(input, previous)
    .problems.filter(({ code }) => code !== 'ERR_CONFIG_NOT_SERVED')
    .map(({ message }) => message);
}
