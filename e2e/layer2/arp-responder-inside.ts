// A responder inside a namespace, driven by arp-responder.test.ts.
import { openArpResponder } from '@steelyard/arp/node';
import { serveRemote, tell } from './arp-remote-inside.ts';

const [interfaceName = 'eth0', mode] = process.argv.slice(2);
const responder = await openArpResponder({
  interfaceName,
  defend: mode === 'defend',
  onAnnounced: (address) => {
    tell({ announced: address });
    if (mode === 'disown when announced') responder.disown(address);
  },
  onConflict: (conflict) => tell({ conflict }),
  onError: (error) => tell({ error: error.message }),
});

const calls = {
  setOwned: (addresses: readonly string[]): void => responder.setOwned(addresses),
  disown: (address: string): void => responder.disown(address),
  mac: (): string | undefined => responder.mac,
  counters: (address: string) => responder.statistics().addresses.get(address),
  statistics: () => {
    const { addresses, ...others } = responder.statistics();
    return { ...others, addresses: addresses.size };
  },
};
/** What the test may call. */
export type ResponderCalls = typeof calls;
serveRemote(calls);
