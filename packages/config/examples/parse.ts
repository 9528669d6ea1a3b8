import { parseConfiguration, placeAddresses } from '@steelyard/config';

const { config, problems } = parseConfiguration({
  ipAddressPools: [
    { metadata: { name: 'good' }, spec: { addresses: ['192.0.2.0/24'] } },
    { metadata: { name: 'bad' }, spec: { addresses: ['198.51.100.9-198.51.100.1'] } },
  ],
  l2Advertisements: [{ metadata: { name: 'everywhere' } }],
});

for (const { message, remedy } of problems) {
  console.log(message, '-', remedy);
}
const placement = placeAddresses(config, ['192.0.2.10']);
console.log(placement.kind === 'pool' && placement.pool.name); // good
console.log(config.pools.get('bad')?.frozen); // true: its holders keep what they have, nobody new is served
