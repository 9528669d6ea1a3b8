import { expect, test } from 'vitest';
import { openNdpResponder } from './index.ts';

test('a transport that there is not is a mistake of the caller', async () => {
  await expect(openNdpResponder({ interfaceName: 'eth0', link: null, transport: 'udp' as 'packet' })).rejects.toThrow(
    TypeError,
  );
});

test('a responder without an interface waits, and is closed for good', async () => {
  const responder = await openNdpResponder({ interfaceName: 'eth0', link: null, addresses: ['2001:DB8::1'] });
  expect([responder.mac, responder.linkLocalAddress, [...responder.addresses]]).toEqual([
    undefined,
    undefined,
    ['2001:db8::1'],
  ]);
  await responder.close();
  await responder.close();
  expect(() => responder.own('2001:db8::2')).toThrow(expect.objectContaining({ code: 'ERR_NDP_CLOSED' }));
});

test.for([['192.0.2.1'], ['ff02::1']])('%s is no address to own', async ([address]) => {
  await expect(openNdpResponder({ interfaceName: 'eth0', link: null, addresses: [address ?? ''] })).rejects.toThrow(
    TypeError,
  );
});
