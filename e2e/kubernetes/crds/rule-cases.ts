/** What the API server does beyond types and bounds: rules in CEL, what may not change, and defaults. */

export interface RuleCase {
  readonly name: string;
  readonly plural: string;
  readonly version?: 'v1beta1' | 'v1beta2';
  /** Put into a new object. */
  readonly spec?: object;
  /** Merged into its spec later. */
  readonly change?: object;
  /** Written to its status, one after the other. */
  readonly statuses?: readonly object[];
  /** Members of what it becomes: its spec, or its status where there are statuses. */
  readonly becomes?: object;
  /** What the refusal says. */
  readonly refused?: string;
}

const peer = { myASN: 64500, peerASN: 64501, peerAddress: '192.0.2.1' };
const bgpPeer = (name: string, spec: object, outcome: Partial<RuleCase>): RuleCase => ({
  name: `a BGPPeer with ${name}`,
  plural: 'bgppeers',
  version: 'v1beta2',
  spec: { ...peer, ...spec },
  ...outcome,
});
const advertisement = (name: string, spec: object, outcome: Partial<RuleCase>): RuleCase => ({
  name: `a BGPAdvertisement with ${name}`,
  plural: 'bgpadvertisements',
  spec,
  ...outcome,
});

const CONNECT_RANGE = 'connect time should be between 1 seconds to 65535';
const CONNECT_WHOLE = 'connect time should contain a whole number of seconds';
const EXCLUSIVE =
  'serviceSelectors and aggregationLength are mutually exclusive, can only be used together with default aggregationLength (32) and aggregationLengthV6 (128)';
const IMMUTABLE = 'Value is immutable';
const GRACEFUL = 'EnableGracefulRestart cannot be changed after creation';
const serviceSelectors = [{ matchLabels: { app: 'a' } }];

export const ruleCases: readonly RuleCase[] = [
  {
    name: 'the defaults of an IPAddressPool',
    plural: 'ipaddresspools',
    spec: { addresses: ['192.0.2.0/24'] },
    becomes: { autoAssign: true, avoidBuggyIPs: false },
  },
  advertisement('its defaults', {}, { becomes: { aggregationLength: 32, aggregationLengthV6: 128 } }),
  bgpPeer('its defaults', {}, { becomes: { peerPort: 179, disableMP: false, dualStackAddressFamily: false } }),
  {
    name: 'an IPAddressPool without a spec',
    plural: 'ipaddresspools',
    refused: 'spec: Required value',
  },
  ...[
    'l2advertisements',
    'bgpadvertisements',
    'bfdprofiles',
    'communities',
    'servicel2statuses',
    'servicebgpstatuses',
  ].map((plural): RuleCase => ({ name: `${plural} without a spec`, plural })),
  ...['1s', '65535s', '18h', '1m', '2000ms'].map((connectTime) =>
    bgpPeer(`connect time ${connectTime}`, { connectTime }, { becomes: { connectTime } }),
  ),
  ...['0s', '65536s', '500ms', '-1s', '19h'].map((connectTime) =>
    bgpPeer(`connect time ${connectTime}`, { connectTime }, { refused: CONNECT_RANGE }),
  ),
  ...['1500ms', '1.001s'].map((connectTime) =>
    bgpPeer(`connect time ${connectTime}`, { connectTime }, { refused: CONNECT_WHOLE }),
  ),
  bgpPeer('a connect time that is none', { connectTime: 'soon' }, { refused: 'spec.connectTime' }),
  bgpPeer('a hold time that is none', { holdTime: 'soon' }, { becomes: { holdTime: 'soon' } }),
  bgpPeer(
    'graceful restart turned off',
    { enableGracefulRestart: true },
    {
      change: { enableGracefulRestart: false },
      refused: GRACEFUL,
    },
  ),
  bgpPeer(
    'graceful restart turned on',
    { enableGracefulRestart: false },
    {
      change: { enableGracefulRestart: true },
      refused: GRACEFUL,
    },
  ),
  bgpPeer(
    'graceful restart left as it is',
    { enableGracefulRestart: true },
    {
      change: { enableGracefulRestart: true, holdTime: '9s' },
      becomes: { enableGracefulRestart: true, holdTime: '9s' },
    },
  ),
  bgpPeer(
    'graceful restart given later',
    {},
    {
      change: { enableGracefulRestart: true },
      becomes: { enableGracefulRestart: true },
    },
  ),
  advertisement(
    'selectors of Services and the default lengths',
    { serviceSelectors },
    { becomes: { serviceSelectors } },
  ),
  advertisement(
    'selectors of Services and the default lengths given',
    {
      serviceSelectors,
      aggregationLength: 32,
      aggregationLengthV6: 128,
    },
    { becomes: { serviceSelectors } },
  ),
  advertisement(
    'selectors of Services and another length',
    { serviceSelectors, aggregationLength: 24 },
    { refused: EXCLUSIVE },
  ),
  advertisement(
    'selectors of Services and another length for IPv6',
    { serviceSelectors, aggregationLengthV6: 64 },
    { refused: EXCLUSIVE },
  ),
  advertisement(
    'no selectors of Services and another length',
    { serviceSelectors: [], aggregationLength: 24 },
    {
      becomes: { aggregationLength: 24 },
    },
  ),
  advertisement(
    'selectors of Services given later',
    { aggregationLength: 24 },
    { change: { serviceSelectors }, refused: EXCLUSIVE },
  ),
  ...['servicel2statuses', 'servicebgpstatuses'].flatMap((plural) => [
    ...['node', 'serviceName', 'serviceNamespace'].map(
      (field): RuleCase => ({
        name: `${plural} whose ${field} changes`,
        plural,
        spec: {},
        statuses: [{ [field]: 'a' }, { [field]: 'b' }],
        refused: IMMUTABLE,
      }),
    ),
    {
      name: `${plural} that is written again`,
      plural,
      spec: {},
      statuses: [{ node: 'a' }, { node: 'a', serviceName: 'b' }],
      becomes: { node: 'a', serviceName: 'b' },
    } satisfies RuleCase,
  ]),
  {
    name: 'a pool that holds as many addresses as an int64 counts',
    plural: 'ipaddresspools',
    spec: { addresses: ['2001:db8::/64'] },
    statuses: [{ assignedIPv4: 0, assignedIPv6: 0, availableIPv4: 0, availableIPv6: 2 ** 53 }],
    becomes: { availableIPv6: 2 ** 53 },
  },
  {
    name: 'a status of a pool without all counters',
    plural: 'ipaddresspools',
    spec: { addresses: ['192.0.2.0/24'] },
    statuses: [{ assignedIPv4: 0 }],
    refused: 'status.availableIPv6: Required value',
  },
  {
    name: 'two conditions of one type',
    plural: 'configurationstates',
    statuses: [
      {
        conditions: ['A', 'A'].map((type) => ({
          type,
          status: 'True',
          reason: 'R',
          message: '',
          lastTransitionTime: '2026-01-02T03:04:05Z',
        })),
      },
    ],
    refused: 'Duplicate value',
  },
  {
    name: 'the least of the old BGPPeer, as the new one: the port by default, and no timers',
    plural: 'bgppeers',
    version: 'v1beta1',
    spec: peer,
    becomes: { myASN: 64500, peerASN: 64501, peerAddress: '192.0.2.1' },
  },
];
