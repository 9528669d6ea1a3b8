import { createIpam, UNSHARED } from '@steelyard/ipam';

const ipam = createIpam();
ipam.setPools([{ name: 'lab', addresses: ['192.0.2.10-192.0.2.20', '2001:db8::/64'] }]);

/** Gives one holder a pair of addresses, and shows that another may not ask for the first of them. */
export function example(): string[] {
  const web = ipam.allocate('web', { pool: 'lab', families: 'dual', sharing: UNSHARED });
  const mail = ipam.assign('mail', ['192.0.2.10'], UNSHARED);
  return [
    web.ok ? web.value.addresses.join(' and ') : web.failure.message, // 192.0.2.10 and 2001:db8::
    mail.ok ? 'shared' : mail.failure.code, // ERR_IPAM_SHARING_KEY
    `${ipam.counters('lab')?.availableIpv6} left`, // 18446744073709551615 left
  ];
}
