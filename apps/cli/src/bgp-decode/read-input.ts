import { open } from 'node:fs/promises';
import { CommandFailure, reasonOf } from '../failure.ts';
import type { Surroundings } from '../surroundings.ts';

/** A capture that fits into memory a few times over. */
const MAX_OCTETS = 64 * 1024 * 1024;
const HEX = /^(?:[0-9a-f]{2})+$/i;

/** Reads octets in hexadecimal, with whatever stands between them: spaces, colons, 0x, offsets of no dump. */
function octetsOfHex(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/0x|[\s:,-]/gi, '');
  return HEX.test(digits) ? Uint8Array.from(Buffer.from(digits, 'hex')) : undefined;
}

/** The octets that the argument names: in hexadecimal itself, in a file, or in what is piped in. */
export async function readInput(argument: string | undefined, { stdin }: Surroundings): Promise<Uint8Array> {
  if (argument === undefined && stdin.isTTY === true) {
    throw new CommandFailure(2, 'error: give octets in hexadecimal, a capture file, or - for standard input');
  }
  if (argument === undefined || argument === '-') return orHex(await readAll(stdin));
  const octets = octetsOfHex(argument);
  if (octets !== undefined) return octets;
  return orHex(await readFile(argument));
}

/** Text in hexadecimal is what it says; all else is taken as it is. */
function orHex(octets: Uint8Array): Uint8Array {
  const isText = octets.every((octet) => octet < 0x80);
  return (isText ? octetsOfHex(Buffer.from(octets).toString('latin1')) : undefined) ?? octets;
}

async function readAll(source: Surroundings['stdin']): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    const octets = Buffer.from(chunk as string);
    length += octets.length;
    if (length > MAX_OCTETS) throw tooLarge('standard input');
    chunks.push(octets);
  }
  return Buffer.concat(chunks);
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path);
    if ((await file.stat()).size > MAX_OCTETS) throw tooLarge(path);
    return await file.readFile();
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(1, `${path}: error: ${reasonOf(error)}; give hexadecimal digits, or the name of a file`);
  }
}

function tooLarge(name: string): CommandFailure {
  return new CommandFailure(1, `${name}: error: more than 64 MiB; cut it with tcpdump -r FILE -w NEW tcp port 179`);
}
