/** IANA, "Capability Codes": those that this package knows. */
export const CAPABILITY_CODE = {
  multiprotocol: 1,
  'route-refresh': 2,
  'extended-next-hop': 5,
  'extended-message': 6,
  role: 9,
  'graceful-restart': 64,
  'four-octet-asn': 65,
  'add-path': 69,
  'enhanced-route-refresh': 70,
  'long-lived-graceful-restart': 71,
  fqdn: 73,
  'software-version': 75,
  'cisco-route-refresh': 128,
} as const;
