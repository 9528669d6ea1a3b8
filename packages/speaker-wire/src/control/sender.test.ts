import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Layer2Entry } from '@steelyard/announce';
import { afterEach, expect, test } from 'vitest';
import { SharedCounters } from '../counters/shared-counters.ts';
import { entryKey, INITIAL_RECEIVER_STATE, stepReceiver } from '../protocol/receive.ts';
import { createDesiredStateSender, type DesiredStateSender } from './sender.ts';

const entry = (i: number): Layer2Entry => ({
  serviceKey: `default/s${i}`,
  address: `10.0.${i >> 8}.${i & 255}`,
  electionAddress: `10.0.${i >> 8}.${i & 255}`,
  candidates: [{ node: 'a', score: 0 }],
  interfaces: 'all',
  pool: 'p',
});
const entries = (count: number): Layer2Entry[] => Array.from({ length: count }, (_, i) => entry(i));

const ports: MessagePort[] = [];
const senders: DesiredStateSender[] = [];
afterEach(() => {
  for (const sender of senders.splice(0)) sender.close();
  for (const port of ports.splice(0)) port.close();
});

/** A wire thread's end that takes messages in only as the test says. */
function wire() {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  let state = INITIAL_RECEIVER_STATE;
  const inForce = new Map<string, Layer2Entry>();
  const received: { type: string }[] = [];
  let pending: (() => void)[] = [];
  port1.on('message', (message) => {
    received.push(message);
    pending.push(() => {
      const step = stepReceiver(state, { type: 'message', message });
      state = step.state;
      for (const effect of step.effects) {
        if (effect.type === 'snapshot') {
          if (effect.complete) inForce.clear();
          for (const [key, value] of effect.entries) inForce.set(key, value);
        } else if (effect.type === 'change') {
          for (const removal of effect.removals) inForce.delete(entryKey(removal));
          for (const upsert of effect.upserts) inForce.set(entryKey(upsert), upsert);
        } else if (effect.type === 'acknowledge') port1.postMessage({ ...effect, type: 'ack' });
        else if (effect.type === 'refuse') port1.postMessage({ ...effect, type: 'refused' });
      }
    });
  });
  const takeIn = (): void => {
    const now = pending;
    pending = [];
    for (const one of now) one();
  };
  return { near: port1, far: port2, inForce, received, takeIn };
}

/** Lets messages travel, taking in what comes, until the sender has nothing left to say. */
async function settle(sender: DesiredStateSender, end: ReturnType<typeof wire>): Promise<void> {
  for (let turns = 0; !sender.settled || turns < 3; turns++) {
    await (turns < 1_000 ? turn() : sleep(1));
    end.takeIn();
    if (turns > 10_000) throw new Error('does not settle');
  }
}

function sendTo(
  end: ReturnType<typeof wire>,
  options?: Parameters<typeof createDesiredStateSender>[1],
): DesiredStateSender {
  const sender = createDesiredStateSender(end.far, options);
  senders.push(sender);
  return sender;
}

test('it is told once when a whole snapshot is in force', async () => {
  const end = wire();
  let completed = 0;
  const sender = sendTo(end, { onComplete: () => (completed += 1) });
  sender.snapshot(entries(3), { complete: false });
  await settle(sender, end);
  expect(completed).toBe(0);
  sender.snapshot(entries(600));
  await settle(sender, end);
  sender.snapshot(entries(600));
  await settle(sender, end);
  expect(completed).toBe(1);
});

test('a snapshot arrives whole, in messages of at most 256 entries', async () => {
  const end = wire();
  const sender = sendTo(end);
  sender.snapshot(entries(1_000));
  await settle(sender, end);
  expect(end.inForce.size).toBe(1_000);
  expect(end.received.map(({ type }) => type)).toEqual([
    'snapshot-begin',
    'entries',
    'entries',
    'entries',
    'entries',
    'snapshot-end',
  ]);
});

test('entries with many candidates come in smaller messages, for each candidate costs the wire thread a hash', async () => {
  const end = wire();
  const sender = sendTo(end);
  const candidates = Array.from({ length: 1_000 }, (_, i) => ({ node: `n${i}`, score: 0 }));
  sender.snapshot(entries(7).map((one) => ({ ...one, candidates })));
  await settle(sender, end);
  expect(end.inForce.size).toBe(7);
  expect(end.received.filter(({ type }) => type === 'entries')).toHaveLength(4);
});

test('changed entries with many candidates come in smaller messages, too: a node that joins changes them all', async () => {
  const end = wire();
  const sender = sendTo(end);
  sender.snapshot(entries(7));
  await settle(sender, end);
  end.received.length = 0;
  const candidates = Array.from({ length: 1_000 }, (_, i) => ({ node: `n${i}`, score: 0 }));
  sender.change(
    entries(6).map((one) => ({ ...one, candidates })),
    [entry(6)],
  );
  await settle(sender, end);
  expect([...end.inForce.values()].map((one) => one.candidates.length)).toEqual(new Array(6).fill(1_000));
  expect(end.received).toHaveLength(3);
});

test('changes of one turn are one message, and the last word counts', async () => {
  const end = wire();
  const sender = sendTo(end);
  sender.snapshot(entries(2));
  await settle(sender, end);
  end.received.length = 0;
  sender.change([entry(5), entry(6)], [entry(0)]);
  sender.change([entry(0)], [entry(5)]);
  sender.change([], [entry(1)]);
  await settle(sender, end);
  expect(end.received).toHaveLength(1);
  expect(new Set([...end.inForce.values()].map(({ serviceKey }) => serviceKey))).toEqual(
    new Set(['default/s0', 'default/s6']),
  );
});

test('what a partial snapshot lacks and the sender once had is removed after it: the receiver keeps what is unknown, and that is known', async () => {
  const end = wire();
  const sender = sendTo(end);
  sender.snapshot(entries(3));
  await settle(sender, end);
  sender.change([], [entry(0)]);
  sender.snapshot(entries(3).slice(2), { complete: false });
  await settle(sender, end);
  expect([...end.inForce.values()].map(({ serviceKey }) => serviceKey)).toEqual(['default/s2']);
});

test('no more messages are on their way than the wire thread has taken in, but two', async () => {
  const end = wire();
  const sender = sendTo(end);
  sender.snapshot(entries(5_000));
  for (let turns = 0; turns < 20; turns++) await turn();
  expect(end.received).toHaveLength(2);
  sender.change([entry(9_999)], []);
  await settle(sender, end);
  expect(end.inForce.size).toBe(5_001);
});

test('what changes while a snapshot is under way is not lost', async () => {
  const end = wire();
  const sender = sendTo(end);
  sender.snapshot(entries(600));
  await turn();
  sender.change([entry(700)], [entry(0)]);
  await settle(sender, end);
  expect(end.inForce.has('default/s0 10.0.0.0')).toBe(false);
  expect(end.inForce.size).toBe(600);
});

test('a refusal is told, and everything is said anew in a new session', async () => {
  const end = wire();
  const refusals: string[] = [];
  const sender = sendTo(end, { onRefused: ({ code }) => refusals.push(code) });
  sender.snapshot(entries(3));
  await settle(sender, end);
  sender.change([{ ...entry(4), address: 'nonsense' }], []);
  sender.change([], []);
  while (refusals.length === 0) {
    await turn();
    end.takeIn();
  }
  sender.change([], [{ serviceKey: 'default/s4', address: 'nonsense' }]);
  await settle(sender, end);
  expect(refusals).toEqual(['ERR_SPEAKER_WIRE_INVALID_ENTRY']);
  expect(end.inForce.size).toBe(3);
});

test('a change before any snapshot is a mistake of the caller', () => {
  expect(() => sendTo(wire()).change([entry(1)], [])).toThrow(
    expect.objectContaining({ code: 'ERR_SPEAKER_WIRE_NO_SNAPSHOT' }),
  );
});

test('counters are read from shared memory, and those of a withdrawn address are gone', async () => {
  const end = wire();
  const sender = sendTo(end);
  const counters = new SharedCounters();
  const publish = async (): Promise<void> => {
    end.near.postMessage({
      type: 'counters',
      pages: counters.pages,
      ...(counters.takeChanges() ?? { assigned: [], released: [] }),
    });
    await turn();
    await turn();
  };
  const many = Array.from({ length: 1_500 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  for (const address of many) counters.acquire(address).requestsReceived += 1;
  await publish();
  expect(sender.layer2Counters()).toHaveLength(1_500);
  counters.of('10.0.5.0').requestsReceived += 41;
  expect(sender.layer2Counters().find(({ address }) => address === '10.0.5.0')).toEqual({
    address: '10.0.5.0',
    requestsReceived: 42,
    responsesSent: 0,
    gratuitousSent: 0,
  });
  counters.acquire('10.0.5.0'); // a second interface
  counters.release('10.0.5.0');
  counters.release('10.0.5.0');
  counters.acquire('192.0.2.1').responsesSent = 7; // takes the slot before anybody was told
  expect(sender.layer2Counters().some(({ address }) => address === '10.0.5.0')).toBe(false);
  counters.acquire('192.0.2.2');
  counters.release('192.0.2.2');
  await publish();
  const read = sender.layer2Counters();
  expect(read).toHaveLength(1_500);
  expect(read.find(({ address }) => address === '192.0.2.1')?.responsesSent).toBe(7);
});
