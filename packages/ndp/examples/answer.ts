import { openNdpResponder } from '@steelyard/ndp/node';

const interfaceName = process.argv[2] ?? 'eth0';
const address = process.argv[3] ?? '2001:db8::1';

const responder = await openNdpResponder({ interfaceName, addresses: [address], onError: console.error });
console.log(`answering for ${address} on ${interfaceName} with ${responder.mac ?? 'its MAC, once it is there'}`);

process.once('SIGTERM', () => void responder.close());
