import { MessageChannel } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { ControlPort } from './control-port.ts';
import type { WireReport } from './protocol/report.ts';

const ports: ControlPort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

const announced = (serviceKey: string, fresh: boolean): WireReport => ({
  type: 'announced',
  serviceKey,
  address: '192.0.2.1',
  interfaces: 'all',
  because: 'Hash',
  fresh,
});
const withdrawn = (serviceKey: string): WireReport => ({
  type: 'withdrawn',
  serviceKey,
  address: '192.0.2.1',
  because: 'NotOwner',
  owner: 'b',
  wasAnnounced: true,
  fresh: true,
});

test('what began while nobody listened is news for the next control thread, once', async () => {
  const silent = (): void => {};
  const control = new ControlPort(silent, { debug: silent, info: silent, warn: silent, error: silent });
  ports.push(control);
  control.report([announced('default/a', true), announced('default/b', true), withdrawn('default/b')]);
  const { port1, port2 } = new MessageChannel();
  const heard: unknown[] = [];
  port2.on('message', ({ reports }: { reports: readonly { serviceKey: string; fresh: boolean }[] }) => {
    heard.push(...reports.map(({ serviceKey, fresh }) => [serviceKey, fresh]));
  });
  control.attach(port1);
  const again = [announced('default/a', false), announced('default/b', false)];
  control.report(again);
  control.report(again);
  await expect
    .poll(() => heard)
    .toEqual([
      ['default/a', true],
      ['default/b', false],
      ['default/a', false],
      ['default/b', false],
    ]);
});
