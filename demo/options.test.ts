import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

test.for<[argv: string[], expected: ReturnType<typeof parseOptions>]>([
  [[], { kubernetes: 'memory', keep: false, pcap: undefined }],
  [['--kubernetes=real', '--keep', '--pcap', 'a.pcap'], { kubernetes: 'real', keep: true, pcap: 'a.pcap' }],
  [['--help', '--keep'], 'help'],
  [['--kubernetes=k3s'], { wrong: '--kubernetes is memory or real, not "k3s"' }],
  [['--pcap='], { wrong: '--pcap needs the name of a file' }],
])('%o', ([argv, expected]) => {
  expect(parseOptions(argv)).toEqual(expected);
});

test.for([[['--kep']], [['extra']], [['--pcap']]])('%o is refused, and the message names it', ([argv = []]) => {
  expect(parseOptions(argv)).toMatchObject({ wrong: expect.stringContaining(argv[0]?.replace('--', '') ?? '') });
});
