import type { AfiSafi, Capability } from '@steelyard/bgp';

// Nothing of the package but its types: who has no peer does not load it.
const FAMILIES: Readonly<Record<string, string>> = { '1/1': 'ipv4-unicast', '2/1': 'ipv6-unicast' };

function family({ afi, safi }: AfiSafi): string {
  const numbers = `${afi}/${safi}`;
  return FAMILIES[numbers] ?? numbers;
}

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
