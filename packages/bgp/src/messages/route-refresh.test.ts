import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { routeRefresh } from '../../test/messages/arbitraries.ts';
import { messageOf } from '../../test/messages/octets-of.ts';
import { encodeKeepalive } from './keepalive.ts';
import { decodeRouteRefresh, encodeRouteRefresh, ROUTE_REFRESH_SUBTYPE } from './route-refresh.ts';

describe('RFC 7313, section 3.2', () => {
  test('the subtype is where RFC 2918 has a reserved octet', () => {
    const { beginningOfRouteRefresh } = ROUTE_REFRESH_SUBTYPE;
    const octets = encodeRouteRefresh({ afi: 2, safi: 1, subtype: beginningOfRouteRefresh });
    expect(octets).toEqual(messageOf(5, '0002 01 01'));
  });

  test('decoding undoes encoding', () => {
    fc.assert(
      fc.property(routeRefresh, (message) => {
        expect(decodeRouteRefresh(encodeRouteRefresh(message))).toEqual({ ok: true, value: message });
      }),
    );
  });

  test('a number that does not fit is the caller’s mistake', () => {
    expect(() => encodeRouteRefresh({ afi: 65_536, safi: 1, subtype: 0 })).toThrow(RangeError);
  });
});

test('RFC 4271, section 4.4: a KEEPALIVE is a header alone', () => {
  expect(encodeKeepalive()).toEqual(messageOf(4, ''));
});
