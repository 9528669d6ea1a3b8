import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { capturedAfter } from '../../test/captured.ts';
import { createScriptedKernel, type ScriptedKernel } from '../../test/scripted-kernel.ts';
import { READABLE } from '../native.ts';
import type { NetworkView } from './network-table.ts';
import { type LinkWatcher, watchLinksOn } from './watch-links.ts';

const PORT = 4711;
const RTM_GETLINK = 18;
const dumps = new Map([
  [18, 'dump links'],
  [22, 'dump addresses'],
  [26, 'dump ipv4Routes'],
]);

/** What was captured after a title, as answers to our request `sequence`. */
function answer(title: string, sequence: number, flags = 0): Uint8Array[] {
  return capturedAfter(title).map((datagram) => {
    const octets = datagram.slice();
    const view = new DataView(octets.buffer);
    for (let at = 0; at < octets.length; at += (view.getUint32(at, true) + 3) & ~3) {
      view.setUint16(at + 6, view.getUint16(at + 6, true) | flags, true);
      view.setUint32(at + 8, sequence, true);
      view.setUint32(at + 12, PORT, true);
    }
    return octets;
  });
}

function event(title: string): Uint8Array[] {
  return [...capturedAfter(title)];
}

function deliver(kernel: ScriptedKernel, datagrams: readonly Uint8Array[], address = new Uint8Array(12)): void {
  kernel.queue.push(datagrams.map((octets) => ({ octets, address })));
  kernel.ready(0, READABLE);
}

/** The request sent last: its type and sequence. */
function lastRequest(kernel: ScriptedKernel): { type: number; sequence: number; family: number } {
  const octets = kernel.sent.at(-1) ?? new Uint8Array(20);
  const view = new DataView(octets.buffer);
  return { type: view.getUint16(4, true), sequence: view.getUint32(8, true), family: octets[16] ?? 0 };
}

function answerRequest(kernel: ScriptedKernel, flags = 0): void {
  const { type, sequence, family } = lastRequest(kernel);
  const title = type === 26 && family === 10 ? 'dump ipv6Routes' : (dumps.get(type) ?? '');
  deliver(kernel, answer(title, sequence, flags));
}

interface Watched {
  readonly kernel: ScriptedKernel;
  readonly watcher: LinkWatcher;
  readonly views: NetworkView[];
  readonly errors: unknown[];
}

function start(): { kernel: ScriptedKernel; watching: Promise<LinkWatcher>; views: NetworkView[]; errors: unknown[] } {
  const kernel = createScriptedKernel();
  new DataView(kernel.localAddress.buffer).setUint32(4, PORT, true);
  const views: NetworkView[] = [];
  const errors: unknown[] = [];
  const watching = watchLinksOn(kernel, {
    onChange: (view) => views.push(view),
    onError: (error) => errors.push((error as NodeJS.ErrnoException).code),
  });
  return { kernel, watching, views, errors };
}

async function synced(): Promise<Watched> {
  const { kernel, watching, views, errors } = start();
  for (let i = 0; i < 4; i++) answerRequest(kernel);
  const watcher = await watching;
  vi.runAllTimers(); // the pause after the last dump
  return { kernel, watcher, views, errors };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('four dumps, one after the other, are the first view', async () => {
  const { kernel, watcher, views } = await synced();
  expect(kernel.sent).toHaveLength(4);
  expect([...watcher.view.links.values()].map(({ name, addresses }) => [name, addresses.length])).toEqual([
    ['lo', 0],
    ['right', 0],
    ['left', 3],
    ['br0', 0],
  ]);
  expect(watcher.view.gateways).toEqual(['192.0.2.253', 'fe80::1', 'fe80::2']);
  expect(views).toEqual([]);
});

test('a default route that flaps does not keep the first view waiting', async () => {
  const { kernel, watching, views } = start();
  for (let i = 0; i < 2; i++) answerRequest(kernel);
  for (let i = 0; i < 10; i++) {
    deliver(kernel, event('ip route add default via 192.0.2.254'));
    answerRequest(kernel);
  }
  expect((await watching).view.gateways).toEqual(['192.0.2.253', 'fe80::1', 'fe80::2']);
  vi.runOnlyPendingTimers();
  expect(lastRequest(kernel)).toMatchObject({ type: 26, family: 2 });
  expect(views).toEqual([]);
});

test('the first refusal is the end', async () => {
  const kernel = createScriptedKernel();
  kernel.refusals.set('send', [-105]);
  await expect(watchLinksOn(kernel, { onChange: () => {} })).rejects.toMatchObject({ code: 'ENOBUFS' });
  expect(kernel.calls.at(-1)).toBe('close()');
  const other = createScriptedKernel();
  other.refusals.set('open', [-24]);
  await expect(watchLinksOn(other, { onChange: () => {} })).rejects.toMatchObject({ code: 'EMFILE' });
});

test('the events of one wake-up are one change', async () => {
  const { kernel, views } = await synced();
  deliver(kernel, [...event('ip link delete left')]);
  expect(views).toHaveLength(1);
  expect([...(views[0]?.links.values() ?? [])].map(({ name }) => name)).toEqual(['lo', 'br0']);
});

test('after an interface is gone the routes are dumped anew, first one family, after a pause the other', async () => {
  const { kernel } = await synced();
  deliver(kernel, event('ip link delete left'));
  expect(lastRequest(kernel)).toMatchObject({ type: 26, family: 2 });
  answerRequest(kernel);
  expect(kernel.sent).toHaveLength(5);
  vi.runAllTimers();
  expect(lastRequest(kernel)).toMatchObject({ type: 26, family: 10 });
});

describe('a dump is repeated', () => {
  test('when the kernel says that it was interrupted', () => {
    const { kernel } = start();
    const NLM_F_DUMP_INTR = 0x10;
    answerRequest(kernel, NLM_F_DUMP_INTR);
    expect(lastRequest(kernel)).toMatchObject({ type: RTM_GETLINK, sequence: 2 });
    answerRequest(kernel);
    expect(lastRequest(kernel)).toMatchObject({ type: 22, sequence: 3 });
  });

  test('when something changed meanwhile', () => {
    const { kernel } = start();
    deliver(kernel, event('ip link set left up'));
    answerRequest(kernel);
    expect(lastRequest(kernel)).toMatchObject({ type: RTM_GETLINK, sequence: 2 });
  });

  test('but not for ever', () => {
    const { kernel } = start();
    for (let i = 0; i < 5; i++) {
      deliver(kernel, event('ip link set left up'));
      answerRequest(kernel);
    }
    expect(lastRequest(kernel).type).toBe(22);
  });
});

describe('lost events', () => {
  test.for<[how: string, lose: (kernel: ScriptedKernel) => void]>([
    [
      'ENOBUFS',
      (kernel) => {
        kernel.queue.push(-105);
        kernel.ready(-9, 0);
      },
    ],
    ['a datagram that does not fit', (kernel) => deliver(kernel, [new Uint8Array(40_000)])],
  ])('%s: everything is dumped anew, and told once links and addresses are complete', async ([, lose]) => {
    const { kernel, watcher, views, errors } = await synced();
    const before = watcher.view;
    lose(kernel);
    expect(kernel.watched()).toBe(READABLE);
    for (let i = 0; i < 4; i++) {
      answerRequest(kernel);
      vi.runAllTimers();
    }
    expect(kernel.sent).toHaveLength(8);
    expect([views, errors]).toEqual([[], []]); // nothing had changed
    expect(watcher.view).toBe(before);
  });
});

test('only the kernel is believed', async () => {
  const { kernel, views } = await synced();
  const stranger = new Uint8Array(12);
  stranger[4] = 99;
  deliver(kernel, event('ip link delete left'), stranger);
  expect(views).toEqual([]);
});

test('octets that make no sense are reported, and what follows is read', async () => {
  const { kernel, views, errors } = await synced();
  deliver(kernel, [new Uint8Array(20), ...event('ip link delete left')]);
  expect(errors).toEqual(['ERR_LINUX_SOCKET_NETLINK_TRUNCATED']);
  expect(views).toHaveLength(1);
});

test('an error that does not go away costs no busy loop, and everything is asked for after it', async () => {
  const { kernel, errors } = await synced();
  kernel.queue.push(-9);
  kernel.ready(0, READABLE);
  expect([errors, kernel.watched()]).toEqual([['EBADF'], 0]);
  vi.runAllTimers();
  expect(kernel.watched()).toBe(READABLE);
  expect(lastRequest(kernel).type).toBe(RTM_GETLINK);
});

test('a dump that the kernel refuses is tried again later', async () => {
  const { kernel, errors } = await synced();
  deliver(kernel, event('ip link delete left'));
  const refusal = new Uint8Array(36);
  const view = new DataView(refusal.buffer);
  view.setUint32(0, 36, true);
  view.setUint16(4, 2, true); // NLMSG_ERROR
  view.setUint32(8, lastRequest(kernel).sequence, true);
  view.setUint32(12, PORT, true);
  view.setInt32(16, -16, true);
  deliver(kernel, [refusal]);
  expect(errors).toEqual(['EBUSY']);
  const { sequence } = lastRequest(kernel);
  vi.runAllTimers();
  expect(lastRequest(kernel)).toMatchObject({ type: 26, sequence: sequence + 1 });
});

test('after close nothing is called and no timer runs', async () => {
  const { kernel, watcher, views } = await synced();
  deliver(kernel, event('ip link delete left'));
  answerRequest(kernel);
  kernel.queue.push(-9);
  kernel.ready(0, READABLE);
  await watcher.close();
  await watcher.close();
  expect(vi.getTimerCount()).toBe(0);
  kernel.ready(0, READABLE);
  expect(views).toHaveLength(1);
  expect(kernel.calls.filter((call) => call === 'close()')).toHaveLength(1);
});
