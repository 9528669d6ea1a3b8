import { openBgpSpeaker } from '@steelyard/bgp/node';

const [address = '192.0.2.1', peerAsn = '64496', asn = '64500', routerId = '192.0.2.9'] = process.argv.slice(2);

await using speaker = await openBgpSpeaker({ asn: Number(asn), routerId });
const router = speaker.addPeer({ address, asn: Number(peerAsn), onEvent: (event) => console.log(event) });
await router.routes.set([{ prefix: '192.0.2.1/32' }]);
console.log('announced', router.status.routes);
await new Promise((resolve) => process.once('SIGTERM', resolve)); // then withdraws it, and says goodbye
