import { expect, test } from 'vitest';
import { parseMd5Counters, readMd5Counters } from './md5-counters.ts';

test('the counters are found by their names, among others', () => {
  const text = `TcpExt: SyncookiesSent TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure TCPSackShifted
TcpExt: 9 1 2 3 8
IpExt: InNoRoutes TCPMD5Failure
IpExt: 7 6
`;
  expect(parseMd5Counters(text)).toEqual({ notFound: 1, unexpected: 2, failure: 3 });
});

test.for(['', 'TcpExt: TCPMD5NotFound\nTcpExt: 1\n', 'TcpExt: TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure\n'])(
  'a text that lacks one has none: %j',
  (text) => {
    expect(parseMd5Counters(text)).toBeUndefined();
  },
);

test('this kernel has them; a file without them is an error with a code', async () => {
  expect(await readMd5Counters()).toEqual({
    notFound: expect.any(Number),
    unexpected: expect.any(Number),
    failure: expect.any(Number),
  });
  await expect(readMd5Counters('/dev/null')).rejects.toMatchObject({ code: 'ERR_LINUX_SOCKET_COUNTERS_MISSING' });
  await expect(readMd5Counters('/no/such/file')).rejects.toMatchObject({ code: 'ENOENT' });
});
