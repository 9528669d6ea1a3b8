import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followInterface, type InterfaceFacts } from './followed-interface.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MAC = '02:00:5e:00:53:01';
const numberOf = (mac: string): number => Number.parseInt(mac.replaceAll(':', ''), 16);
const facts = (changes: Partial<InterfaceFacts> = {}): InterfaceFacts => ({
  index: 2,
  mac: MAC,
  up: true,
  running: true,
  carrierDownCount: 0,
  ...changes,
});

/** A host whose socket can be opened while `refusal` is undefined, and what it was told to do. */
function following() {
  const said: string[] = [];
  const host = { usable: true, index: undefined as number | undefined, refusal: undefined as Error | undefined };
  const followed = followInterface({
    parseMac: (text) => Uint8Array.from(text.split(':'), (pair) => Number.parseInt(pair, 16)),
    isUsable: () => host.usable,
    socketIndex: () => host.index,
    openSocket(index) {
      if (host.refusal !== undefined) throw host.refusal;
      host.index = index;
      said.push(`open ${index}`);
    },
    closeSocket() {
      if (host.index !== undefined) said.push('close');
      host.index = undefined;
    },
    ready: () => said.push('ready'),
    lost: () => said.push('lost'),
    onError: ({ message }) => said.push(message),
  });
  const saidSince = (): string[] => said.splice(0);
  return { followed, host, saidSince };
}

test.for<[what: string, before: InterfaceFacts | undefined, after: InterfaceFacts | undefined, expected: string[]]>([
  ['appears', undefined, facts(), ['open 2', 'ready']],
  ['appears while it is down', undefined, facts({ up: false, running: false }), []],
  ['appears without a carrier', undefined, facts({ running: false }), ['open 2']],
  ['stays as it is', facts(), facts(), []],
  ['gets another MAC', facts(), facts({ mac: '02:00:5e:00:53:02' }), ['ready']],
  ['is replaced', facts(), facts({ index: 3 }), ['lost', 'open 3', 'ready']],
  ['loses its carrier', facts(), facts({ running: false, carrierDownCount: 1 }), ['lost']],
  ['lost its carrier and has it again', facts(), facts({ carrierDownCount: 1 }), ['ready']],
  ['goes down', facts(), facts({ up: false, running: false }), ['lost']],
  ['comes up again', facts({ running: false }), facts(), ['ready']],
  ['goes', facts(), undefined, ['close', 'lost']],
  ['has a MAC of another length', facts(), facts({ mac: '00:00' }), ['close', 'lost']],
  ['has no MAC', facts(), facts({ mac: undefined }), ['close', 'lost']],
])('an interface that %s', ([, before, after, expected]) => {
  const { followed, saidSince } = following();
  followed.open(before);
  saidSince();
  followed.open(after);
  expect(saidSince()).toEqual(expected);
});

test('an interface on which the protocol is not in use is waited for', () => {
  const { followed, host, saidSince } = following();
  host.usable = false;
  followed.open(facts());
  host.usable = true;
  followed.open(facts());
  host.usable = false;
  followed.open(facts());
  expect(saidSince()).toEqual(['open 2', 'ready', 'close', 'lost']);
});

test("own MACs are the interface's, the one that it had before, and those of the host", () => {
  const { followed } = following();
  followed.setHostMacs(['02:00:5e:00:53:0a', '00:00']);
  for (const last of ['01', '02', '03']) followed.open(facts({ mac: `02:00:5e:00:53:${last}` }));
  const own = ['01', '02', '03', '0a', '0b'].filter((last) => followed.isOwnMac(numberOf(`02:00:5e:00:53:${last}`)));
  expect(own).toEqual(['02', '03', '0a']);
  expect([...followed.mac]).toEqual([2, 0, 0x5e, 0, 0x53, 3]);
});

test('what the system refuses at first is thrown; later it is told and tried again', () => {
  const { followed, host, saidSince } = following();
  host.refusal = new Error('EMFILE');
  expect(() => followed.open(facts())).toThrow('EMFILE');
  followed.changed(facts());
  vi.advanceTimersByTime(1_000);
  expect(saidSince()).toEqual(['EMFILE', 'EMFILE']);
  host.refusal = undefined;
  vi.advanceTimersByTime(1_000);
  expect(saidSince()).toEqual(['open 2', 'ready']);
  expect(vi.getTimerCount()).toBe(0);
});

test('an interface that went before it could be used is no error', () => {
  const { followed, host, saidSince } = following();
  host.refusal = Object.assign(new Error('gone'), { code: 'ENODEV' });
  followed.changed(facts());
  expect(saidSince()).toEqual([]);
});

test('a socket that is lost is opened again, unless all is over', () => {
  const { followed, saidSince } = following();
  followed.open(facts());
  followed.socketLost();
  vi.advanceTimersByTime(1_000);
  expect(saidSince()).toEqual(['open 2', 'ready', 'close', 'lost', 'open 2', 'ready']);
  followed.socketLost();
  followed.close();
  followed.changed(facts());
  followed.failed(new Error('late'));
  expect(saidSince()).toEqual(['close', 'lost']);
  expect(vi.getTimerCount()).toBe(0);
});
