import { type AfiSafi, addressFamilyOf, type Capability } from '@steelyard/bgp';

const family = (numbers: AfiSafi): string => addressFamilyOf(numbers) ?? `${numbers.afi}/${numbers.safi}`;

/** A capability in words, as `kubectl describe` shows it. */
export function capabilityText(capability: Capability): string {
  const { type } = capability;
  switch (type) {
    case 'multiprotocol':
      return `multiprotocol ${family(capability)}`;
    case 'four-octet-asn':
      return `four-octet-asn ${capability.asn}`;
    case 'graceful-restart':
      return `graceful-restart ${capability.restartTimeSeconds}s`;
    case 'fqdn':
      return `fqdn ${[capability.hostName, capability.domainName].filter((part) => part !== '').join('.')}`;
    case 'software-version':
      return `software-version ${capability.version}`;
    case 'role':
      return `role ${capability.role}`;
    case 'unknown':
      return `code ${capability.code}`;
    default:
      return type;
  }
}
