import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPcap, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOSTILE_ASN, type HostileLab, openHostileLab, SOON } from './hostile-lab.ts';
import { saidInPcap } from './hostile-pcap.ts';
import { NOTIFICATION, UPDATE } from './scripted-peer-octets.ts';

interface FrrRaw {
  readonly lastNotificationReason?: string;
  readonly lastShutdownDescription?: string;
  readonly lastResetDueTo?: string;
}

describeLab('a speaker that leaves', () => {
  let lab: HostileLab;
  let directory: string;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'close-'));
    lab = await openHostileLab({ witness: { logFile: join(directory, 'frr.log') } });
  });
  afterEach(async () => {
    await lab?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('withdraws, says why, and then ends the connection', async () => {
    const { speaker, witness, node } = lab;
    const file = join(directory, 'close.pcap');
    const capture = await openPcap(node.cable, file);
    await speaker.tell({
      do: 'close',
      options: { reason: 'shutdown', communication: 'maintenance until 17:00, see you' },
    });
    const raw = await waitUntil('FRR to have heard it', async () => {
      const { raw: now, state } = await witness.neighbor(node.ipv4);
      return state === 'Established' ? undefined : (now as FrrRaw);
    });
    expect(raw.lastNotificationReason).toMatch(/Cease.*Administrative Shutdown/i);
    expect(raw.lastShutdownDescription).toBe('maintenance until 17:00, see you');
    await capture.close();
    const order = saidInPcap(file, node.ipv4, lab.lan.nodes[1]?.ipv4 ?? '').flatMap((said) => {
      if (said === 'fin') return ['fin'];
      if (said.type === UPDATE) return [said.octets[19] === 0 && said.octets[20] === 0 ? 'announce' : 'withdraw'];
      return said.type === NOTIFICATION ? ['cease'] : [];
    });
    expect(order).toEqual(['withdraw', 'cease', 'fin']);
  });

  test('and says nothing of it to who does not read, but waits no longer than it may', async () => {
    const { speaker, router, hostile, witness, node } = lab;
    await speaker.addPeer({ address: hostile.ipv4, name: 'deaf', asn: HOSTILE_ASN, ...SOON });
    const peer = await router.greeted({ asn: HOSTILE_ASN });
    peer.deaf();
    await speaker.tell({ do: 'announce', peer: 'deaf', from: '11.0', count: 50_000, distinct: true });
    await speaker.until('deaf', 'to be stuck', ({ routes }) => routes.announced > 0);
    const tookMs = Number(await speaker.tell({ do: 'close', options: { reason: 'shutdown', timeoutMs: 700 } }));
    expect(tookMs).toBeGreaterThanOrEqual(690);
    const raw = await waitUntil('FRR to have heard it', async () => {
      const { raw: now, state } = await witness.neighbor(node.ipv4);
      return state === 'Established' ? undefined : (now as FrrRaw);
    });
    expect(raw.lastNotificationReason).toMatch(/Administrative Shutdown/i);
    await waitUntil('its connection to be closed', async () => (await speaker.usage()).sockets === 0);
  });

  test('a peer alone: de-configured, changed, abandoned, reset; the other stays', async () => {
    const { speaker, router, hostile } = lab;
    const options = { address: hostile.ipv4, name: 'other', asn: HOSTILE_ASN, ...SOON };
    for (const [reason, codes] of [
      ['deconfigured', '6/3'],
      ['changed', '6/6'],
      ['abandon', ''],
    ] as const) {
      await speaker.addPeer(options);
      const peer = await router.greeted({ asn: HOSTILE_ASN });
      await speaker.tell({ do: 'announce', peer: 'other', from: '11.0', count: 3 });
      await waitUntil('the routes', () => peer.updatesHeard >= 2);
      await speaker.tell({ do: 'closePeer', peer: 'other', options: { reason } });
      if (codes === '') await waitUntil('the end', () => peer.closed);
      else expect([reason, await peer.farewell()]).toEqual([reason, { codes, data: '' }]);
      expect([reason, peer.notifications.length]).toEqual([reason, codes === '' ? 0 : 1]);
      await lab.expectUndisturbed();
    }
    await speaker.addPeer(options);
    const peer = await router.greeted({ asn: HOSTILE_ASN });
    await speaker.tell({ do: 'reset', peer: 'other', communication: 'again' });
    expect(await peer.farewell()).toEqual({ codes: '6/4', data: `05${Buffer.from('again').toString('hex')}` });
    await router.greeted({ asn: HOSTILE_ASN });
    await lab.expectUndisturbed();
  });
});
