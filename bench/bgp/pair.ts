import { type Cable, type Lab, type Namespace, openLab } from '@steelyard/testkit';

export const SENDER = { address: '192.0.2.1', asn: 64_501 } as const;
export const RECEIVER = { address: '192.0.2.2', asn: 64_502 } as const;

/** A sender and a receiver on one switch. */
export interface Pair extends AsyncDisposable {
  readonly lab: Lab;
  readonly sender: Namespace;
  readonly receiver: Namespace;
  /** The sender's. */
  readonly cable: Cable;
  /** The receiver's interface. */
  readonly ifname: string;
}

/** Lays it. `plugged: false` leaves the sender's cable out: nobody can connect before `cable.restore()`. */
export async function layPair({ plugged }: { readonly plugged: boolean }): Promise<Pair> {
  const lab = await openLab();
  try {
    const hub = await lab.switch('switch');
    const [sender, receiver] = [await lab.namespace('sender'), await lab.namespace('receiver')];
    const cable = await lab.attach(sender, hub, { addresses: [`${SENDER.address}/24`] });
    const { ifname } = await lab.attach(receiver, hub, { addresses: [`${RECEIVER.address}/24`] });
    if (!plugged) await cable.cut();
    return { lab, sender, receiver, cable, ifname, [Symbol.asyncDispose]: () => lab.close() };
  } catch (error) {
    await lab.close();
    throw error;
  }
}
