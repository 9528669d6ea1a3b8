import { type Decoded, failed } from '@steelyard/wire';
import { compressLzw } from '../lzw/compress.ts';
import { decompressLzw } from '../lzw/decompress.ts';
import type { GossipDecodeCode } from '../messages/decode-code.ts';
import { MESSAGE_TYPE } from '../messages/message-type.ts';
import { startMessage } from '../msgpack/message-writer.ts';
import { readStruct } from '../msgpack/reader.ts';
import { writeStruct } from '../msgpack/writer.ts';

/** The only algorithm there is. */
const LZW = 0;

const COMPRESS = { Algo: 'uint8', Buf: 'octets' } as const;

/**
 * `09 | {Algo, Buf}`. Small messages grow.
 *
 * @see hashicorp/memberlist `util.go`, `compressPayload`
 */
export function addCompression(octets: Uint8Array): Uint8Array {
  const compressed = compressLzw(octets);
  const writer = startMessage(MESSAGE_TYPE.compress);
  writeStruct(writer, [
    ['Algo', 'uint', LZW],
    ['Buf', 'octets', compressed],
  ]);
  return writer.finish();
}

/** Takes off a layer whose type octet is the first one. */
export function removeCompression(octets: Uint8Array, greatestOctets: number): Decoded<Uint8Array, GossipDecodeCode> {
  const container = readStruct(octets, 1, COMPRESS);
  if (!container.ok) return container;
  const { Algo, Buf } = container.value;
  if (Algo !== LZW)
    return failed('ERR_MEMBERLIST_COMPRESSION_UNSUPPORTED', 1, `compression algorithm ${Algo} is not 0`);
  return decompressLzw(Buf, greatestOctets);
}
