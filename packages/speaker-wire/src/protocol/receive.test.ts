import type { Layer2Entry } from '@steelyard/announce';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ControlMessage } from './messages.ts';
import { entryKey, INITIAL_RECEIVER_STATE, type ReceiverEffect, stepReceiver } from './receive.ts';

const entry = (name: string, address = '192.0.2.1', score = 0): Layer2Entry => ({
  serviceKey: `default/${name}`,
  address,
  electionAddress: address,
  candidates: [{ node: 'a', score }],
  interfaces: 'all',
  pool: undefined,
});

/** Feeds messages and keeps what is in force, as the wire thread does. */
function receiver() {
  let state = INITIAL_RECEIVER_STATE;
  const inForce = new Map<string, Layer2Entry>();
  const effects: ReceiverEffect[] = [];
  const apply = (event: Parameters<typeof stepReceiver>[1]): void => {
    const step = stepReceiver(state, event);
    state = step.state;
    for (const effect of step.effects) {
      effects.push(effect);
      if (effect.type === 'snapshot') {
        if (effect.complete) inForce.clear();
        for (const [key, value] of effect.entries) inForce.set(key, value);
      } else if (effect.type === 'change') {
        for (const removal of effect.removals) inForce.delete(entryKey(removal));
        for (const upsert of effect.upserts) inForce.set(entryKey(upsert), upsert);
      }
    }
  };
  return {
    inForce,
    effects,
    attach: () => apply({ type: 'attached' }),
    send: (...messages: unknown[]) => {
      for (const message of messages) apply({ type: 'message', message });
    },
    refusals: () => effects.flatMap((effect) => (effect.type === 'refuse' ? effect.code : [])),
  };
}

type Unstamped<Message> = Message extends unknown ? Omit<Message, 'session' | 'generation'> : never;

function session(number: number) {
  let generation = 0;
  return (message: Unstamped<ControlMessage>): ControlMessage => {
    generation += 1;
    return { ...message, session: number, generation } as ControlMessage;
  };
}

const end = (entryCount: number, complete = true, routeCount = 0) =>
  ({
    type: 'snapshot-end',
    entryCount,
    routeCount,
    bgpPeers: [],
    complete,
    bgpComplete: complete,
    nodesSynced: true,
  }) as const;

const changeOf = (upserts: readonly Layer2Entry[], removals: readonly Layer2Entry[]) =>
  ({ type: 'change', upserts, removals, routeUpserts: [], routeRemovals: [], bgpPeers: undefined }) as const;

/** All messages of a whole snapshot. */
function snapshotOf(say: ReturnType<typeof session>, ...entries: Layer2Entry[]): ControlMessage[] {
  return [say({ type: 'snapshot-begin' }), say({ type: 'entries', entries }), say(end(entries.length))];
}

describe('a snapshot', () => {
  test('counts from its end on, not before', () => {
    const { send, inForce } = receiver();
    const [begin, entries, last] = snapshotOf(session(1), entry('a'), entry('b'));
    send(begin, entries);
    expect(inForce.size).toBe(0);
    send(last);
    expect([...inForce.keys()]).toEqual(['default/a 192.0.2.1', 'default/b 192.0.2.1']);
  });

  test('of a sender that died changes nothing, and the next sender may have any session number', () => {
    const { send, attach, inForce } = receiver();
    send(...snapshotOf(session(7), entry('a')));
    attach();
    send(...snapshotOf(session(1), entry('b')).slice(0, 2));
    expect([...inForce.keys()]).toEqual(['default/a 192.0.2.1']);
    attach();
    send(...snapshotOf(session(1), entry('c')));
    expect([...inForce.keys()]).toEqual(['default/c 192.0.2.1']);
  });

  test('that is not complete withdraws nothing', () => {
    const { send, inForce } = receiver();
    send(...snapshotOf(session(1), entry('a')));
    const say = session(2);
    send(say({ type: 'snapshot-begin' }), say({ type: 'entries', entries: [entry('b')] }), say(end(1, false)));
    expect(inForce.size).toBe(2);
  });

  test('may be begun anew within a session, and again', () => {
    const { send, inForce, refusals } = receiver();
    const say = session(1);
    send(
      ...snapshotOf(say, entry('a')),
      say({ type: 'snapshot-begin' }),
      say({ type: 'entries', entries: [entry('x')] }),
    );
    send(...snapshotOf(say, entry('b')));
    expect([...inForce.keys()]).toEqual(['default/b 192.0.2.1']);
    expect(refusals()).toEqual([]);
  });
});

describe('is refused, and changes nothing', () => {
  const first = (): ControlMessage[] => snapshotOf(session(1), entry('a'));
  const change: Unstamped<ControlMessage> = changeOf([entry('b')], [entry('a')]);
  const stamped = (generation: number, message: object) => ({ session: 1, generation, ...message });
  const many = Array.from({ length: 257 }, (_, i) => entry(`s${i}`));
  /** Structured cloning passes it on, and String() throws. */
  const textless = { toString: 1, valueOf: 1 };

  test.for<[name: string, message: unknown, code: string]>([
    ['no object', 'hello', 'ERR_SPEAKER_WIRE_INVALID_MESSAGE'],
    ['nothing', undefined, 'ERR_SPEAKER_WIRE_INVALID_MESSAGE'],
    ['a message without a session', { type: 'change' }, 'ERR_SPEAKER_WIRE_INVALID_MESSAGE'],
    ['an unknown type', stamped(4, { type: 'reboot' }), 'ERR_SPEAKER_WIRE_INVALID_MESSAGE'],
    ['a type that cannot be written', stamped(4, { type: textless }), 'ERR_SPEAKER_WIRE_INVALID_MESSAGE'],
    ['a change without removals', stamped(4, { type: 'change', upserts: [] }), 'ERR_SPEAKER_WIRE_INVALID_MESSAGE'],
    ['a lost message', stamped(5, change), 'ERR_SPEAKER_WIRE_LOST_MESSAGE'],
    ['a repeated message', stamped(3, change), 'ERR_SPEAKER_WIRE_LOST_MESSAGE'],
    ['entries outside a snapshot', stamped(4, { type: 'entries', entries: [] }), 'ERR_SPEAKER_WIRE_UNEXPECTED_MESSAGE'],
    ['an end outside a snapshot', stamped(4, end(0)), 'ERR_SPEAKER_WIRE_UNEXPECTED_MESSAGE'],
    [
      'a new session that begins with a change',
      { session: 2, generation: 1, ...change },
      'ERR_SPEAKER_WIRE_UNEXPECTED_MESSAGE',
    ],
    [
      'too many entries',
      stamped(4, { type: 'change', upserts: many, removals: [] }),
      'ERR_SPEAKER_WIRE_TOO_MANY_ENTRIES',
    ],
    ...(
      [
        ['an address that is none', { address: '192.0.2' }],
        ['an election address that is none', { electionAddress: '' }],
        ['an empty key', { serviceKey: '' }],
        ['a key that cannot be written', { serviceKey: textless }],
        ['candidates that are none', { candidates: [{ node: 5 }] }],
        ['candidates with a hole', { candidates: new Array(1) }],
        ['a score that is none', { candidates: [{ node: 'a', score: Number.NaN }] }],
        ['interfaces that are none', { interfaces: [7] }],
        ['interfaces with a hole', { interfaces: new Array(1) }],
        ['a pool that is none', { pool: 5 }],
      ] as const
    ).map(([name, fields]): [string, unknown, string] => [
      name,
      stamped(4, { type: 'change', upserts: [{ ...entry('b'), ...fields }], removals: [] }),
      'ERR_SPEAKER_WIRE_INVALID_ENTRY',
    ]),
  ])('%s', ([, message, code]) => {
    const { send, inForce, refusals } = receiver();
    send(...first());
    send(message);
    // Whatever the session says from here on is not heard; a new one is.
    send(stamped(4, change), stamped(5, change));
    expect(refusals()).toEqual([code]);
    expect([...inForce.keys()]).toEqual(['default/a 192.0.2.1']);
    send(...snapshotOf(session(3), entry('c')));
    expect([...inForce.keys()]).toEqual(['default/c 192.0.2.1']);
  });

  test('a snapshot with another number of entries than it says', () => {
    const { send, inForce, refusals } = receiver();
    const say = session(1);
    send(say({ type: 'snapshot-begin' }), say({ type: 'entries', entries: [entry('a')] }), say(end(2)));
    expect(refusals()).toEqual(['ERR_SPEAKER_WIRE_WRONG_COUNT']);
    expect(inForce.size).toBe(0);
  });

  test('a change within a snapshot', () => {
    const { send, refusals } = receiver();
    const say = session(1);
    send(say({ type: 'snapshot-begin' }), say(change));
    expect(refusals()).toEqual(['ERR_SPEAKER_WIRE_UNEXPECTED_MESSAGE']);
  });
});

test('an older session is not heard', () => {
  const { send, inForce, refusals } = receiver();
  send(...snapshotOf(session(5), entry('a')));
  send(...snapshotOf(session(4), entry('b')));
  expect([...inForce.keys()]).toEqual(['default/a 192.0.2.1']);
  expect(refusals()).toEqual([]);
});

test('every message that is taken in is acknowledged once, in its order', () => {
  const { send, effects } = receiver();
  const say = session(1);
  send(...snapshotOf(say, entry('a')), say(changeOf([], [entry('a')])));
  const acknowledged = effects.flatMap((effect) => (effect.type === 'acknowledge' ? effect.generation : []));
  expect(acknowledged).toEqual([1, 2, 3, 4]);
});

test('one address in two spellings is one entry', () => {
  const { send, inForce } = receiver();
  send(...snapshotOf(session(1), { ...entry('a'), address: '2001:DB8:0::1' }));
  expect([...inForce.keys()]).toEqual(['default/a 2001:db8::1']);
});

test('after any senders, some of which die at any message, what is in force is what the last complete snapshot and the changes after it say', () => {
  const named = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), score: fc.nat(3) });
  const life = fc.record({
    snapshot: fc.uniqueArray(named, { maxLength: 4, selector: ({ name }) => name }),
    chunk: fc.integer({ min: 1, max: 3 }),
    changes: fc.array(
      fc.record({ upserts: fc.array(named, { maxLength: 2 }), removals: fc.array(named, { maxLength: 2 }) }),
      { maxLength: 4 },
    ),
    diesAfter: fc.nat(12),
    restarts: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(life, { maxLength: 8 }), (lives) => {
      const real = receiver();
      let model = new Map<string, Layer2Entry>();
      let number = 0;
      for (const { snapshot, chunk, changes, diesAfter, restarts } of lives) {
        number += 1;
        if (restarts) {
          real.attach();
          number = 1;
        }
        const say = session(number);
        const entries = snapshot.map(({ name, score }) => entry(name, '192.0.2.1', score));
        const messages: { readonly message: ControlMessage; readonly puts?: () => void }[] = [];
        messages.push({ message: say({ type: 'snapshot-begin' }) });
        for (let at = 0; at < entries.length; at += chunk) {
          messages.push({ message: say({ type: 'entries', entries: entries.slice(at, at + chunk) }) });
        }
        messages.push({
          message: say(end(entries.length)),
          puts: () => {
            model = new Map(entries.map((one) => [entryKey(one), one]));
          },
        });
        for (const { upserts, removals } of changes) {
          const added = upserts.map(({ name, score }) => entry(name, '192.0.2.1', score));
          const removed = removals.map(({ name }) => entry(name));
          messages.push({
            message: say(changeOf(added, removed)),
            puts: () => {
              for (const one of removed) model.delete(entryKey(one));
              for (const one of added) model.set(entryKey(one), one);
            },
          });
        }
        for (const { message, puts } of messages.slice(0, diesAfter)) {
          real.send(structuredClone(message));
          puts?.();
        }
        expect(real.inForce).toEqual(model);
      }
      expect(real.refusals()).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
