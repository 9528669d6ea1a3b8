import { decodeNdpFrame, encodeNdpFrame, type NdpFrame } from '@steelyard/ndp';
import { type Cable, type Lab, type Namespace, openLab, type Switch, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Remote, startRemote } from './arp-remote.ts';
import type { FrameCalls } from './ndp-frames-inside.ts';
import type { ResponderCalls } from './ndp-responder-inside.ts';

const VIP = '2001:db8::1';

const responderFile = new URL('./ndp-responder-inside.ts', import.meta.url);
const framesFile = new URL('./ndp-frames-inside.ts', import.meta.url);

describeLab('an NDP responder on a real interface', () => {
  let lab: Lab;
  let hub: Switch;
  let node: Namespace;
  let client: Cable;
  let wire: Remote<FrameCalls>;

  beforeEach(async () => {
    lab = await openLab();
    hub = await lab.switch('hub');
    node = await lab.namespace('node');
    client = await lab.attach(await lab.namespace('client'), hub, { addresses: ['2001:db8::100/64'] });
    wire = await startRemote<FrameCalls>(client.namespace, framesFile);
  });
  afterEach(() => lab.close());

  /** What the client's kernel believes: `lladdr` of the address, in capital letters its state. */
  async function neighbour(address: string): Promise<string> {
    const { stdout } = await client.namespace.run('ip', ['-6', 'neigh', 'show', address, 'dev', 'eth0']);
    return stdout.trim();
  }
  /** Lets the client's kernel ask, by a datagram that nobody receives, and waits for what it learns. */
  async function resolves(address: string, mac: string): Promise<void> {
    await client.namespace.run('ip', ['-6', 'neigh', 'flush', 'dev', 'eth0'], { allowFailure: true });
    await client.namespace.run('bash', ['-c', `echo > /dev/udp/${address}/9`], { allowFailure: true });
    await waitUntil(`${address} to be at ${mac}`, async () => (await neighbour(address)).includes(`lladdr ${mac}`));
  }
  const respond = (...args: string[]): Promise<Remote<ResponderCalls>> =>
    startRemote<ResponderCalls>(node, responderFile, ['eth0', ...args]);

  test('the kernel of a neighbour learns the MAC for an address that the host does not have', async () => {
    const { mac } = await lab.attach(node, hub);
    const responder = await respond();
    await responder.call('setOwned', [VIP]);
    await resolves(VIP, mac);
    const counters = await responder.call('counters', VIP);
    expect(counters?.responsesSent).toBeGreaterThan(0);
    expect(counters?.responsesSent).toBe(counters?.requestsReceived);
    await responder.call('disown', VIP);
    expect(await responder.call('counters', VIP)).toBeUndefined();
  });
});
