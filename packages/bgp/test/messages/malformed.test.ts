import { describe, expect, test } from 'vitest';
import { decodeMessage } from '../../src/messages/decode-message.ts';
import { createMessageFramer } from '../../src/messages/framing/message-framer.ts';
import { OPENING_SESSION } from '../../src/messages/session-context.ts';
import { octetsOf } from './octets-of.ts';

/** `code/subcode`, the data in hex, where; or `good`. */
type Expected = 'good' | readonly [codes: string, data: string, offset: number];
type Row = readonly [name: string, octets: string, expected: Expected];

const MARKER = 'ffffffff ffffffff ffffffff ffffffff';
const zeros = (count: number): string => '00'.repeat(count);

function outcome(octets: Uint8Array, extendedMessage = false): Expected {
  const result = decodeMessage(octets, { ...OPENING_SESSION, extendedMessage });
  if (result.ok) return 'good';
  const { failure } = result;
  expect(failure.scope).toBe('session');
  expect(failure.message).not.toMatch(/^[A-Z]|\.$|undefined|NaN|\n/);
  return [`${failure.errorCode}/${failure.errorSubcode}`, Buffer.from(failure.data).toString('hex'), failure.offset];
}

const check = ([, hex, expected]: Row): void => {
  expect(outcome(octetsOf(hex))).toEqual(expected);
};

describe('RFC 4271, section 6.1: the header', () => {
  const rows: Row[] = [
    ['a KEEPALIVE', `${MARKER} 0013 04`, 'good'],
    ['a marker with a zero', `ffffffff ff00ffff ffffffff ffffffff 0013 04`, ['1/1', '', 5]],
    ['a marker of zeros', `${zeros(16)} 0013 04`, ['1/1', '', 0]],
    ['HTTP', `474554202f20485454502f312e310d0a0d0a00`, ['1/1', '', 0]],
    ['a length of 0', `${MARKER} 0000 04`, ['1/2', '0000', 16]],
    ['a length below the header', `${MARKER} 0012 04`, ['1/2', '0012', 16]],
    ['a KEEPALIVE with an octet too many', `${MARKER} 0014 04 00`, ['1/2', '0014', 16]],
    ['an OPEN with an octet too few', `${MARKER} 001c 01 04 fc00 00b4 c0000202`, ['1/2', '001c', 16]],
    ['an UPDATE with an octet too few', `${MARKER} 0016 02 000000`, ['1/2', '0016', 16]],
    ['a NOTIFICATION without a subcode', `${MARKER} 0014 03 06`, ['1/2', '0014', 16]],
    ['an OPEN of 4,097 octets', `${MARKER} 1001 01 ${zeros(4078)}`, ['1/2', '1001', 16]],
    ['an UPDATE of 4,097 octets', `${MARKER} 1001 02 ${zeros(4078)}`, ['1/2', '1001', 16]],
    ['a NOTIFICATION of 4,097 octets', `${MARKER} 1001 03 ${zeros(4078)}`, ['1/2', '1001', 16]],
    ['an unknown type', `${MARKER} 0013 06`, ['1/3', '06', 18]],
    ['the type 0', `${MARKER} 0013 00`, ['1/3', '00', 18]],
    ['an unknown type of a length that no message has', `${MARKER} ffff ff`, ['1/2', 'ffff', 16]],
  ];
  test.for(rows)('%s', check);

  // The framer finds the same before the rest of the message is there.
  test.for(rows.filter(([, , expected]) => expected !== 'good'))(
    'by the framer, from the header alone: %s',
    ([, hex, expected]) => {
      const [found] = createMessageFramer().push(octetsOf(hex).slice(0, 19));
      expect(found).toMatchObject({ ok: false });
      if (found?.ok !== false) return;
      const { errorCode, errorSubcode, data, offset } = found.failure;
      expect([`${errorCode}/${errorSubcode}`, Buffer.from(data).toString('hex'), offset]).toEqual(expected);
    },
  );

  test.for<Row>([
    ['nothing', '', ['1/2', '', 16]],
    ['half a header', `${MARKER} 00`, ['1/2', '00', 16]],
    ['a length that says more than there is', `${MARKER} 0017 03 0602 00`, ['1/2', '0017', 16]],
    ['a length that says less than there is', `${MARKER} 0015 03 0602 00`, ['1/2', '0015', 16]],
  ])('given to the decoder as one message: %s', check);
});

describe('RFC 8654: after extended messages are agreed on', () => {
  test.for<Row>([
    ['a NOTIFICATION of 4,097 octets', `${MARKER} 1001 03 ${zeros(4078)}`, 'good'],
    ['a NOTIFICATION of 65,535 octets', `${MARKER} ffff 03 ${zeros(65_516)}`, 'good'],
    ['an OPEN of 4,097 octets', `${MARKER} 1001 01 ${zeros(4078)}`, ['1/2', '1001', 16]],
    ['a KEEPALIVE of 4,097 octets', `${MARKER} 1001 04 ${zeros(4078)}`, ['1/2', '1001', 16]],
  ])('%s', ([, hex, expected]) => {
    expect(outcome(octetsOf(hex), true)).toEqual(expected);
  });
});

/** An OPEN with these optional parameters, lengths and all, behind good fields. */
const open = (parameters: string, fields = '04 fc00 00b4 c0000202'): string => {
  const octets = octetsOf(`${fields} ${parameters}`);
  return `${MARKER} ${(19 + octets.length).toString(16).padStart(4, '0')} 01 ${fields} ${parameters}`;
};

describe('RFC 4271, section 6.2: the fields of an OPEN', () => {
  test.for<Row>([
    ['no optional parameters', open('00'), 'good'],
    ['version 3', open('00', '03 fc00 00b4 c0000202'), ['2/1', '0004', 19]],
    ['version 5', open('00', '05 fc00 00b4 c0000202'), ['2/1', '0004', 19]],
    ['version 0, and all else wrong too', open('07', '00 0000 0001 00000000'), ['2/1', '0004', 19]],
    ['AS 0 (RFC 7607)', open('00', '04 0000 00b4 c0000202'), ['2/2', '0000', 20]],
    ['a hold time of 1', open('00', '04 fc00 0001 c0000202'), ['2/6', '0001', 22]],
    ['a hold time of 2', open('00', '04 fc00 0002 c0000202'), ['2/6', '0002', 22]],
    ['a hold time of 0', open('00', '04 fc00 0000 c0000202'), 'good'],
    ['a hold time of 3', open('00', '04 fc00 0003 c0000202'), 'good'],
    ['the identifier 0.0.0.0 (RFC 6286)', open('00', '04 fc00 00b4 00000000'), ['2/3', '00000000', 24]],
    ['an identifier that is no host’s address (RFC 6286)', open('00', '04 fc00 00b4 ffffffff'), 'good'],
  ])('%s', check);
});

describe('RFC 4271, section 6.2: optional parameters', () => {
  test.for<Row>([
    ['an empty list of capabilities', open('02 02 00'), 'good'],
    ['a length of parameters beyond the end', open('03 02 00'), ['2/0', '', 28]],
    ['octets behind the parameters', open('02 02 00 00'), ['2/0', '', 28]],
    ['octets behind no parameters', open('00 02 00'), ['2/0', '', 28]],
    ['a parameter that is a type alone', open('01 02'), ['2/0', '', 29]],
    ['a parameter that goes beyond the end', open('02 02 01'), ['2/0', '', 29]],
    ['a second parameter that goes beyond the end', open('06 02 02 02 00 02 01'), ['2/0', '', 33]],
    ['an unknown parameter', open('03 c8 01 aa'), ['2/4', 'c801aa', 29]],
    ['Authentication Information, deprecated', open('03 01 01 00'), ['2/4', '010100', 29]],
    ['an unknown parameter behind a known one', open('06 02 02 02 00 c8 00'), ['2/4', 'c800', 33]],
    ['the type 255 that is not the first', open('06 02 02 02 00 ff 00'), ['2/4', 'ff00', 33]],
  ])('%s', check);
});

describe('RFC 5492: capabilities', () => {
  test.for<Row>([
    ['one to a parameter', open('08 02 02 02 00 02 02 46 00'), 'good'],
    ['all in one', open('06 02 04 02 00 46 00'), 'good'],
    ['several in each', open('0e 02 04 02 00 46 00 02 06 80 00 01 02 0001'), 'good'],
    ['one that goes beyond its parameter', open('04 02 02 02 01'), ['2/0', '', 31]],
    ['one that takes from the next parameter', open('08 02 02 02 01 02 02 46 00'), ['2/0', '', 31]],
    ['half a one behind a whole one', open('05 02 03 02 00 46'), ['2/0', '', 33]],
    ['an unknown one', open('07 02 05 c8 03 010203'), 'good'],
    ['ROUTE-REFRESH with a value', open('05 02 03 02 01 00'), 'good'],
    ['MULTIPROTOCOL with an octet too few', open('07 02 05 01 03 0001 00'), 'good'],
    ['ADD-PATH with a direction that is none (RFC 7911, section 4)', open('08 02 06 45 04 0001 01 04'), 'good'],
    ['GRACEFUL-RESTART without its flags', open('05 02 03 40 01 00'), 'good'],
    ['a host name that is not UTF-8', open('07 02 05 49 03 01 ff 00'), 'good'],
    ['a host name that goes beyond the end', open('07 02 05 49 03 09 61 00'), 'good'],
    ['a four-octet AS number of three octets', open('07 02 05 41 03 000001'), ['2/0', '', 31]],
    ['the four-octet AS number 0 (RFC 7607)', open('08 02 06 41 04 00000000'), ['2/2', '00000000', 31]],
  ])('%s', check);
});

describe('RFC 9072: extended optional parameters', () => {
  test.for<Row>([
    ['a capability', open('ff ff 0007 02 0004 41 02 0001').replace('41 02', 'c8 02'), 'good'],
    ['the length before it is ignored', open('07 ff 0005 02 0002 02 00'), 'good'],
    ['a length that is 0 rules it out', open('00 ff 0000'), ['2/0', '', 28]],
    ['no octet behind the type', open('ff ff'), ['2/0', '', 28]],
    ['half a length', open('ff ff 00'), ['2/0', '', 28]],
    ['an empty list of parameters', open('ff ff 0000'), 'good'],
    ['a length that says less', open('ff ff 0002 02 0000'), ['2/0', '', 28]],
    ['a length that says more', open('ff ff 0004 02 0000'), ['2/0', '', 28]],
    ['a parameter with half a length', open('ff ff 0002 02 00'), ['2/0', '', 32]],
    ['a parameter that goes beyond the end', open('ff ff 0003 02 0001'), ['2/0', '', 32]],
    ['an unknown parameter', open('ff ff 0004 c8 0001 aa'), ['2/4', 'c80001aa', 32]],
  ])('%s', check);
});

describe('RFC 7313, section 5: ROUTE-REFRESH', () => {
  test.for<Row>([
    ['a request', `${MARKER} 0017 05 0001 00 01`, 'good'],
    ['an unknown subtype', `${MARKER} 0017 05 0001 ff 01`, 'good'],
    ['an unknown family', `${MARKER} 0017 05 4004 00 47`, 'good'],
    ['nothing', `${MARKER} 0013 05`, ['7/1', `${'ff'.repeat(16)}001305`, 16]],
    ['an octet too few', `${MARKER} 0016 05 0001 01`, ['7/1', `${'ff'.repeat(16)}001605000101`, 16]],
    ['an octet too many', `${MARKER} 0018 05 0001 02 01 00`, ['7/1', `${'ff'.repeat(16)}0018050001020100`, 16]],
  ])('%s', check);

  test('of the longest one as much is shown as a NOTIFICATION can carry', () => {
    const result = decodeMessage(octetsOf(`${MARKER} 1000 05 ${zeros(4077)}`), OPENING_SESSION);
    expect(result).toMatchObject({ ok: false, failure: { errorCode: 7, errorSubcode: 1 } });
    expect(result.ok || result.failure.data.length).toBe(4096 - 21);
  });
});

describe('NOTIFICATION', () => {
  test.for<Row>([
    ['without data', `${MARKER} 0015 03 0602`, 'good'],
    ['with codes that nobody knows', `${MARKER} 0015 03 ffff`, 'good'],
    ['with a communication that is longer than the data (RFC 9003)', `${MARKER} 0017 03 0602 ff 41`, 'good'],
  ])('%s', check);
});
