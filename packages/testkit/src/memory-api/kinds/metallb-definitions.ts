/**
 * Definitions of the metallb.io kinds: their names, columns and defaults, for
 * clusters of tests that need them from the start. What a user installs is in
 * deploy/crds; those can be applied here as well.
 */

import type { JsonObject } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';

type ColumnDescription = readonly [name: string, type: string, jsonPath: string, priority?: number];

const poolColumns: readonly ColumnDescription[] = [
  ['IPAddressPools', 'string', '.spec.ipAddressPools'],
  ['IPAddressPool Selectors', 'string', '.spec.ipAddressPoolSelectors'],
];

const statusColumns: readonly ColumnDescription[] = [
  ['Service Name', 'string', '.status.serviceName'],
  ['Service Namespace', 'string', '.status.serviceNamespace'],
];

const nodeSelectorsColumn: ColumnDescription = ['Node Selectors', 'string', '.spec.nodeSelectors', 10];

export const metallbDefinitions: readonly KubeObject[] = [
  define(
    'IPAddressPool',
    'ipaddresspools',
    [
      ['Auto Assign', 'boolean', '.spec.autoAssign'],
      ['Avoid Buggy IPs', 'boolean', '.spec.avoidBuggyIPs'],
      ['Addresses', 'string', '.spec.addresses'],
    ],
    { autoAssign: { type: 'boolean', default: true }, avoidBuggyIPs: { type: 'boolean', default: false } },
  ),
  define('L2Advertisement', 'l2advertisements', [
    ...poolColumns,
    ['Interfaces', 'string', '.spec.interfaces'],
    nodeSelectorsColumn,
  ]),
  define(
    'BGPAdvertisement',
    'bgpadvertisements',
    [...poolColumns, ['Peers', 'string', '.spec.peers'], nodeSelectorsColumn],
    {
      aggregationLength: { type: 'integer', default: 32 },
      aggregationLengthV6: { type: 'integer', default: 128 },
    },
  ),
  define('Community', 'communities', []),
  define('BFDProfile', 'bfdprofiles', [
    ['Passive Mode', 'boolean', '.spec.passiveMode'],
    ['Transmit Interval', 'integer', '.spec.transmitInterval'],
    ['Receive Interval', 'integer', '.spec.receiveInterval'],
    ['Multiplier', 'integer', '.spec.detectMultiplier'],
  ]),
  define(
    'BGPPeer',
    'bgppeers',
    [
      ['Address', 'string', '.spec.peerAddress'],
      ['ASN', 'string', '.spec.peerASN'],
      ['BFD Profile', 'string', '.spec.bfdProfile'],
      ['Multi Hops', 'string', '.spec.ebgpMultiHop'],
    ],
    { peerPort: { type: 'integer', default: 179 } },
    ['v1beta1', 'v1beta2'],
  ),
  define('ServiceL2Status', 'servicel2statuses', [['Allocated Node', 'string', '.status.node'], ...statusColumns]),
  define('ServiceBGPStatus', 'servicebgpstatuses', [['Node', 'string', '.status.node'], ...statusColumns]),
  define('ConfigurationState', 'configurationstates', [
    ['Result', 'string', '.status.result'],
    ['ErrorSummary', 'string', '.status.errorSummary'],
    ['Age', 'date', '.metadata.creationTimestamp'],
  ]),
];

function define(
  kind: string,
  plural: string,
  columns: readonly ColumnDescription[],
  specProperties: JsonObject = {},
  versions: readonly string[] = ['v1beta1'],
): KubeObject {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const properties = { spec: { ...open, properties: specProperties }, status: open };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.metallb.io` },
    spec: {
      group: 'metallb.io',
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      scope: 'Namespaced',
      // The last one is stored.
      versions: versions.map((version, index) => ({
        name: version,
        served: true,
        storage: index === versions.length - 1,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', properties } },
        ...(columns.length > 0 && {
          additionalPrinterColumns: columns.map(([name, type, jsonPath, priority]) => ({
            name,
            type,
            jsonPath,
            ...(priority !== undefined && { priority }),
          })),
        }),
      })),
    },
  };
}
