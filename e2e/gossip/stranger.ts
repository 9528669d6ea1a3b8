import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Aead,
  createKeyring,
  createStreamDecoder,
  decodePacket,
  encodeMessage,
  encodePacket,
  encodeStreamMessage,
  LIBRARY_STREAM_LIMITS,
  type PacketCodec,
  type PacketMessage,
  type StreamMessage,
} from '@steelyard/memberlist';

const TAG_OCTETS = 16;

const aead: Aead = {
  seal(key, nonce, plaintext, associatedData) {
    const cipher = createCipheriv(`aes-${(key.length * 8) as 128}-gcm`, key, nonce).setAAD(associatedData);
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  },
  open(key, nonce, sealed, associatedData) {
    const decipher = createDecipheriv(`aes-${(key.length * 8) as 128}-gcm`, key, nonce).setAAD(associatedData);
    decipher.setAuthTag(sealed.subarray(-TAG_OCTETS));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_OCTETS)), decipher.final()]);
    } catch {
      return undefined;
    }
  },
};

/** How somebody writes who has these keys (hexadecimal), or none. */
export function codecOf(keys: readonly string[] = [], changes: Partial<PacketCodec> = {}): PacketCodec {
  return {
    label: '',
    keyring: createKeyring(keys.map((key) => Buffer.from(key, 'hex'))),
    aead,
    nonce: () => randomBytes(12),
    verifyIncoming: true,
    verifyOutgoing: true,
    compress: false,
    checksum: false,
    ...changes,
  };
}

export interface Target {
  readonly address: string;
  readonly port: number;
}

/** Somebody who is no member: sends what a test wants, and reads what comes back. */
export interface Stranger extends AsyncDisposable {
  readonly port: number;
  /** Datagrams as they came. */
  readonly received: readonly Uint8Array[];
  send(octets: Uint8Array, to: Target): void;
  /** Waits until everything was given to the kernel. */
  sent(): Promise<void>;
}

export async function openStranger(address = '127.0.0.1'): Promise<Stranger> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  socket.on('error', () => {});
  const received: Uint8Array[] = [];
  const pending = new Set<Promise<void>>();
  socket.on('message', (octets) => received.push(octets));
  return {
    port: socket.address().port,
    received,
    send(octets, to) {
      const one = new Promise<void>((resolve) => socket.send(octets, to.port, to.address, () => resolve()));
      pending.add(one);
      void one.then(() => pending.delete(one));
    },
    async sent() {
      await Promise.all(pending);
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** A packet of these messages. */
export function packet(messages: readonly PacketMessage[], codec: PacketCodec): Uint8Array {
  return encodePacket(messages.map(encodeMessage), codec);
}

/** All messages that came, in order. */
export function messagesIn(received: readonly Uint8Array[], codec: PacketCodec): PacketMessage[] {
  return received.flatMap((octets) => {
    const decoded = decodePacket(octets, codec);
    return decoded.ok ? decoded.value : [];
  });
}

/** Opens a connection, sends octets, and returns all that came back until the other side ended it. */
export async function exchange(octets: Uint8Array, to: Target, timeoutMs = 10_000): Promise<Uint8Array> {
  const socket = connect({ host: to.address, port: to.port, allowHalfOpen: true });
  const read: Buffer[] = [];
  socket.on('data', (chunk) => read.push(chunk));
  socket.write(octets);
  socket.on('error', () => {}); // what was read until then counts
  await Promise.race([once(socket, 'close'), once(socket, 'end'), sleep(timeoutMs, undefined, { ref: false })]);
  socket.destroy();
  return Buffer.concat(read);
}

/** Sends a message by a connection, and reads the one that comes back. */
export async function converse(
  message: StreamMessage,
  to: Target,
  codec: PacketCodec,
): Promise<StreamMessage | undefined> {
  return readAnswer(await exchange(encodeStreamMessage(message, { ...codec, role: 'dialer' }), to), codec);
}

export function readAnswer(octets: Uint8Array, codec: PacketCodec): StreamMessage | undefined {
  const outcome = createStreamDecoder({ ...codec, role: 'dialer' }, LIBRARY_STREAM_LIMITS).push(octets);
  return outcome !== 'need more' && outcome.ok ? outcome.value : undefined;
}
