// A responder inside a namespace, driven by ndp-responder.test.ts.
import { type NdpTransportName, openNdpResponder } from '@steelyard/ndp/node';
import { serveRemote, tell } from './arp-remote-inside.ts';

const [interfaceName = 'eth0', mode, transport = 'packet'] = process.argv.slice(2);
const responder = await openNdpResponder({
  interfaceName,
  transport: transport as NdpTransportName,
  defend: mode === 'defend',
  onAnnounced: (address) => {
    tell({ announced: address });
    if (mode === 'disown when announced') responder.disown(address);
  },
  onClaim: (address) => {
    if (mode === 'give away when claimed') responder.disown(address);
  },
  onConflict: (conflict) => tell({ conflict }),
  onError: (error) => tell({ error: error.message }),
});

const calls = {
  setOwned: (addresses: readonly string[]): void => responder.setOwned(addresses),
  disown: (address: string): void => responder.disown(address),
  mac: (): string | undefined => responder.mac,
  linkLocalAddress: (): string | undefined => responder.linkLocalAddress,
  counters: (address: string) => responder.statistics().addresses.get(address),
  statistics: () => {
    const { addresses, ...others } = responder.statistics();
    return { ...others, addresses: addresses.size };
  },
};
/** What the test may call. */
export type ResponderCalls = typeof calls;
serveRemote(calls);
