import { nodeProgram, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDaemon } from './interop-daemons.ts';
import { type InteropLab, openInteropLab, PATIENCE } from './interop-lab.ts';

const EXAMPLE = new URL('../../packages/bgp/examples/announce.ts', import.meta.url);

describeLab('the example of the README', () => {
  let lab: InteropLab;
  beforeAll(async () => {
    lab = await openInteropLab();
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  test('announces to FRR, and withdraws when it is asked to end', async () => {
    const { ours } = lab;
    const host = await lab.host('frr');
    await using frr = await startDaemon('frr', host.namespace, {
      asn: 64_496,
      routerId: host.ipv4,
      neighbors: [{ address: ours.ipv4, asn: 64_500 }],
      localAddress: host.ipv4,
    });
    const words = [host.ipv4, '64496', '64500', ours.ipv4];
    const example = ours.namespace.spawn(...nodeProgram(EXAMPLE, words), { name: 'announce.ts' });
    await example.waitForLine(/sends packets for 192\.0\.2\.1/, 20_000);
    const path = async () => (await frr.routes()).get('192.0.2.1/32');
    expect(await waitUntil('the route', path, PATIENCE)).toMatchObject([{ nextHop: ours.ipv4, asPath: '64500' }]);
    example.kill('SIGTERM');
    expect(await example.ended).toEqual({ code: 0, signal: null });
    await waitUntil('the route to go', async () => (await path()) === undefined, PATIENCE);
    const { raw } = await frr.neighbor(ours.ipv4);
    expect(raw).toMatchObject({ lastNotificationReason: 'Cease/Administrative Shutdown' });
  });
});
