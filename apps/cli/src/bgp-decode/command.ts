import { Command, InvalidArgumentError } from 'commander';
import { CommandFailure } from '../failure.ts';
import { type Surroundings, writeText } from '../surroundings.ts';
import { formatMessage, hasFailure, messageAsJson } from './format.ts';
import { type Found, messagesIn, messagesOf } from './messages.ts';
import { isCapture, readCapture } from './pcap.ts';
import { readInput } from './read-input.ts';
import { ASSUMED_SESSION } from './session.ts';

interface DecodeFlags {
  readonly json?: boolean;
  readonly port: number;
  readonly twoOctetAs?: boolean;
}

/** `steelyard bgp`. */
export function bgpCommand(surroundings: Surroundings, exit: (code: number) => void): Command {
  return new Command('bgp')
    .summary('look into BGP')
    .description('Looks into BGP. It changes nothing, and needs no cluster.')
    .addCommand(decodeCommand(surroundings, exit));
}

function decodeCommand(surroundings: Surroundings, exit: (code: number) => void): Command {
  return new Command('decode')
    .summary('explain BGP messages octet by octet')
    .description(
      'Explains every octet of BGP messages: given in hexadecimal, or in a capture file (pcap), whose OPENs tell how the rest is to be read.',
    )
    .argument('[hex or file]', 'octets in hexadecimal, or a file with them or with a capture; - is standard input')
    .option('--json', 'one JSON object per message and line')
    .option('--port <number>', 'the port of BGP in the capture', readPort, 179)
    .option('--two-octet-as', 'read AS numbers of two octets, where no OPEN says so')
    .addHelpText(
      'after',
      `
Exit code: 0 when all is well formed, 1 when something is not or cannot be read, 2 when the call is wrong.

Examples:
  steelyard bgp decode ffffffffffffffffffffffffffffffff001304
  tcpdump -i any -w peer.pcap tcp port 179     # until the session has come up
  steelyard bgp decode peer.pcap`,
    )
    .action(async (argument: string | undefined, flags: DecodeFlags) => {
      exit(await decode(argument, flags, surroundings));
    });
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('a port is 1 to 65535.');
  return port;
}

async function decode(argument: string | undefined, flags: DecodeFlags, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, env } = surroundings;
  const { messages, remarks } = find(await readInput(argument, surroundings), flags);
  const colored = stdout.isTTY === true && !env['NO_COLOR'];
  for (const [index, message] of messages.entries()) {
    const text =
      flags.json === true
        ? `${JSON.stringify(messageAsJson(message, index + 1))}\n`
        : `${index === 0 ? '' : '\n'}${formatMessage(message, index + 1, colored)}`;
    await writeText(stdout, text);
  }
  for (const remark of remarks) await writeText(stderr, `${remark}\n`);
  return remarks.length > 0 || messages.some(hasFailure) ? 1 : 0;
}

function find(octets: Uint8Array, { port, twoOctetAs }: DecodeFlags): Found {
  if (!isCapture(octets)) return messagesIn(octets, { ...ASSUMED_SESSION, fourOctetAsn: twoOctetAs !== true });
  const capture = readCapture(octets);
  if (!capture.ok) throw new CommandFailure(1, `error: ${capture.message}`);
  return messagesOf(capture.segments, port);
}
