import { openBgpSpeaker } from '@steelyard/bgp/node';

const [address = '198.51.100.1', peerAsn = 64_496, asn = 64_500, routerId = '198.51.100.9', port = 179] =
  process.argv.slice(2);

await using speaker = await openBgpSpeaker({ asn: Number(asn), routerId });
const onEvent = (): void => console.log(router.status.state, router.status.lastError ?? '');
const router = speaker.addPeer({ address, port: Number(port), asn: Number(peerAsn), onEvent });
await router.routes.set([{ prefix: '192.0.2.1/32' }]);
console.log(`${address} sends packets for 192.0.2.1 to ${router.status.localAddress}`);
await new Promise((resolve) => process.once('SIGTERM', resolve)); // then it is withdrawn, and the session closed
