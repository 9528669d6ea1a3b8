import { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import { parseMacAddress } from '@steelyard/wire';
import { expect, test } from 'vitest';
import { advertisement, OUR_MAC, probe, solicitation } from '../../../test/solicitation.ts';
import { ADVERTISEMENT_FRAME_LENGTH } from '../../frame/advertisement.ts';
import { decodeNdpFrame, encodeNdpFrame } from '../../frame/frame.ts';
import { encodeNdpMessage } from '../../message/message.ts';
import { rawSocketTransport } from './raw-socket.ts';
import type { RawSocket, RawSocketModule } from './raw-socket-module.ts';
import type { NdpTransport } from './transport.ts';

/** As raw-socket is: sends in a later turn, and has no bound. */
class ScriptedSocket extends EventEmitter implements RawSocket {
  readonly options = new Map<string, number | Buffer>();
  readonly unsent: { readonly address: string; readonly done: (error: Error | null, sent: number) => void }[] = [];
  setOption(level: number, option: number, value: number | Buffer): void {
    this.options.set(`${level} ${option}`, value);
  }
  send(
    _octets: Buffer,
    _offset: number,
    _length: number,
    address: string,
    done: (error: Error | null, sent: number) => void,
  ): void {
    this.unsent.push({ address, done });
  }
  close(): void {
    this.emit('close');
  }
}

function opened(): { transport: NdpTransport; socket: ScriptedSocket; heard: Uint8Array[]; told: string[] } {
  const socket = new ScriptedSocket();
  const module: RawSocketModule = {
    AddressFamily: { IPv6: 2 },
    Protocol: { ICMPv6: 58 },
    createSocket: () => socket,
  };
  const heard: Uint8Array[] = [];
  const told: string[] = [];
  const transport = rawSocketTransport(module)(7, () => [], {
    mac: () => parseMacAddress(OUR_MAC),
    onFrame: (frame) => heard.push(frame.slice()),
    onWritable: () => told.push('writable'),
    onGone: () => told.push('gone'),
    onError: ({ message }) => told.push(message),
  });
  return { transport, socket, heard, told };
}

test('only the two messages come in, from the one interface; what goes out has hop limit 255 and is not heard here', () => {
  const { socket } = opened();
  const filter = socket.options.get('58 1') as Buffer;
  const blocked = (type: number): boolean => ((filter[type >> 3] ?? 0) & (1 << (type & 7))) !== 0;
  expect(Array.from({ length: 256 }, (_, type) => type).filter((type) => !blocked(type))).toEqual([135, 136]);
  const { options } = socket;
  const numbers = ['1 62', '41 16', '41 18', '41 19'].map((option) => options.get(option));
  expect(numbers).toEqual([7, 255, 255, 0]);
});

test.for([
  ['a solicitation', solicitation()],
  ['a probe', probe()],
  ['a solicited advertisement', advertisement({ solicited: true, destination: '2001:db8::7' })],
] as const)('%s becomes a valid frame, to us and from nobody', ([, frame]) => {
  const { socket, heard } = opened();
  const source = frame.source === '::' ? '::' : 'fe80::9%eth0';
  socket.emit('message', Buffer.from(encodeNdpMessage(frame.message)), source);
  expect(heard.map((octets) => decodeNdpFrame(octets))).toMatchObject([
    {
      ok: true,
      value: {
        destinationMac: OUR_MAC,
        sourceMac: '00:00:00:00:00:00',
        source: source.replace('%eth0', ''),
        message: frame.message,
      },
    },
  ]);
});

test.for([0, 3, 23])('%i octets are no message', (length) => {
  const { socket, heard, told } = opened();
  socket.emit('message', Buffer.alloc(length, 135), 'fe80::9');
  expect([heard, told]).toEqual([[], []]);
});

test('what waits to be sent is bounded, and there is room again when half of it has left', () => {
  const { transport, socket, told } = opened();
  const frame = encodeNdpFrame(advertisement());
  expect(frame).toHaveLength(ADVERTISEMENT_FRAME_LENGTH);
  const outcomes = Array.from({ length: 600 }, () => transport.send(frame));
  expect(outcomes.filter((outcome) => outcome === 'Sent')).toHaveLength(512);
  expect(outcomes.at(-1)).toBe('Refused');
  for (const { address, done } of socket.unsent.slice(0, 256)) {
    expect(address).toBe('ff02::1');
    expect(told).toEqual([]);
    done(null, 32);
  }
  expect(told).toEqual([]);
  socket.unsent[256]?.done(new Error('Network is unreachable'), 0);
  expect(told).toEqual(['Network is unreachable', 'writable']);
  expect(transport.statistics()).toMatchObject({ framesSent: 256, sendRefused: 88 });
});

test('nothing is called after it was closed; one that closes by itself is told of', () => {
  const closed = opened();
  closed.transport.close();
  closed.socket.emit('message', Buffer.from(encodeNdpMessage(solicitation().message)), 'fe80::9');
  closed.socket.emit('error', new Error('x'));
  expect([closed.heard, closed.told]).toEqual([[], []]);
  const broken = opened();
  broken.socket.close();
  expect(broken.told).toEqual(['gone']);
});

test('in a worker it is refused with a code', async () => {
  const url = JSON.stringify(new URL('./raw-socket-module.ts', import.meta.url).href);
  const script = `import(${url}).then((m) => m.loadRawSocket()).catch((e) => require('worker_threads').parentPort.postMessage(e.code))`;
  const worker = new Worker(script, { eval: true });
  const code = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  expect(code).toBe('ERR_NDP_TRANSPORT_MISSING');
});
