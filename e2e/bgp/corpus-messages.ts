import { hex } from './scripted-peer-octets.ts';

/** Octets that end the session, and the NOTIFICATION they earn: codes, and its data in hexadecimal. */
export type MalformedMessage = readonly [rfc: string, what: string, octets: string, codes: string, data: string];

const MARKER = 'ff'.repeat(16);
const zeros = (count: number): string => '00'.repeat(count);

/** Of a session that is established. */
export const MALFORMED_MESSAGES: readonly MalformedMessage[] = [
  ['4271 6.1', 'a marker with a zero', `${'ff'.repeat(5)} 00 ${'ff'.repeat(10)} 0013 04`, '1/1', ''],
  ['4271 6.1', 'a marker of zeros', `${zeros(16)} 0013 04`, '1/1', ''],
  ['4271 6.1', 'HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: router\r\n\r\n').toString('hex'), '1/1', ''],
  ['4271 6.1', 'a length of 0', `${MARKER} 0000 04`, '1/2', '0000'],
  ['4271 6.1', 'a length below the header', `${MARKER} 0012 04`, '1/2', '0012'],
  ['4271 6.1', 'a KEEPALIVE with an octet too many', `${MARKER} 0014 04 00`, '1/2', '0014'],
  ['4271 6.1', 'an UPDATE with an octet too few', `${MARKER} 0016 02 000000`, '1/2', '0016'],
  ['4271 6.1', 'an UPDATE of 4,097 octets', `${MARKER} 1001 02 ${zeros(4078)}`, '1/2', '1001'],
  ['4271 6.1', 'an UPDATE of 65,535 octets', `${MARKER} ffff 02`, '1/2', 'ffff'],
  ['4271 6.1', 'an unknown type', `${MARKER} 0013 06`, '1/3', '06'],
  ['4271 6.1', 'the type 0', `${MARKER} 0013 00`, '1/3', '00'],
  ['4271 6.3', 'withdrawn routes beyond the end', `${MARKER} 0017 02 0001 0000`, '3/1', ''],
  ['4271 6.3', 'attributes beyond the end', `${MARKER} 0017 02 0000 0001`, '3/1', ''],
  ['4271 6.3', 'a prefix of 33 bits', `${MARKER} 001d 02 0006 21 0102030405 0000`, '3/10', ''],
  ['4271 6.3', 'a prefix cut off', `${MARKER} 0019 02 0002 20 01 0000`, '3/10', ''],
  ['7313 5', 'BoRR with an octet too many', `${MARKER} 0018 05 0001 01 01 00`, '7/1', `${MARKER}001805 0001 01 01 00`],
  ['7313 5', 'EoRR with an octet too few', `${MARKER} 0016 05 0001 02`, '7/1', `${MARKER}001605 0001 02`],
  ['6608 4', 'a second OPEN', `${MARKER} 001d 01 04 fc00 00b4 c0000202 00`, '5/3', '01'],
];

/** An OPEN of these fields and parameters, lengths of parameters and all. */
function open(fields: string, parameters: string): string {
  const length = 19 + hex(`${fields} ${parameters}`).length;
  return `${MARKER} ${length.toString(16).padStart(4, '0')} 01 ${fields} ${parameters}`;
}
const GOOD = '04 fc00 005a c0000202';
/** What is missed: RFC 5492, section 5. */
const BOTH_FAMILIES = '01 04 0001 00 01 01 04 0002 00 01';

/** In the place of the peer's OPEN. */
export const MALFORMED_OPENS: readonly MalformedMessage[] = [
  ['4271 6.2', 'version 3', open('03 fc00 00b4 c0000202', '00'), '2/1', '0004'],
  ['4271 6.2', 'version 5', open('05 fc00 00b4 c0000202', '00'), '2/1', '0004'],
  ['7607 2', 'AS 0', open('04 0000 00b4 c0000202', '00'), '2/2', '0000'],
  ['4271 6.2', 'another AS', open('04 fc01 00b4 c0000202', '00'), '2/2', 'fc01'],
  [
    '6793 4.1',
    'another AS of four octets',
    open('04 5ba0 00b4 c0000202', '08 02 06 41 04 fa56ea01'),
    '2/2',
    'fa56ea01',
  ],
  ['4271 6.2', 'a hold time of 1', open('04 fc00 0001 c0000202', '00'), '2/6', '0001'],
  ['4271 6.2', 'a hold time of 2', open('04 fc00 0002 c0000202', '00'), '2/6', '0002'],
  ['6286 2.2', 'the identifier 0.0.0.0', open('04 fc00 00b4 00000000', '00'), '2/3', '00000000'],
  ['4271 6.2', 'parameters beyond the end', open(GOOD, '03 02 00'), '2/0', ''],
  ['4271 6.2', 'octets behind the parameters', open(GOOD, '02 02 00 00'), '2/0', ''],
  ['4271 6.2', 'a parameter that is a type alone', open(GOOD, '01 02'), '2/0', ''],
  ['4271 6.2', 'a parameter beyond the end', open(GOOD, '02 02 01'), '2/0', ''],
  ['4271 6.2', 'an unknown parameter', open(GOOD, '03 c8 01 aa'), '2/4', 'c801aa'],
  ['5492 4', 'a capability beyond its parameter', open(GOOD, '04 02 02 02 01'), '2/0', ''],
  ['5492 4', 'a capability that takes from the next parameter', open(GOOD, '08 02 02 02 01 02 02 46 00'), '2/0', ''],
  ['6793 4.1', 'a four-octet AS number of three octets', open(GOOD, '07 02 05 41 03 000001'), '2/0', ''],
  ['7607 2', 'the four-octet AS number 0', open(GOOD, '08 02 06 41 04 00000000'), '2/2', '00000000'],
  ['9072 2', 'half an extended length', open(GOOD, 'ff ff 00'), '2/0', ''],
  ['9072 2', 'an extended length that says more', open(GOOD, 'ff ff 0004 02 0000'), '2/0', ''],
  ['5492 5', 'multicast alone', open(GOOD, '08 02 06 01 04 0001 00 02'), '2/7', BOTH_FAMILIES],
  ['6608 4', 'a KEEPALIVE', `${MARKER} 0013 04`, '5/1', '04'],
  ['6608 4', 'an UPDATE', `${MARKER} 0017 02 0000 0000`, '5/1', '02'],
  ['6608 4', 'a ROUTE-REFRESH', `${MARKER} 0017 05 0001 00 01`, '5/1', '05'],
  ['4271 6.1', 'HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: router\r\n\r\n').toString('hex'), '1/1', ''],
  ['4271 6.1', 'TLS', `16 0301 0200 01 0001fc 0303 ${zeros(32)}`, '1/1', ''],
  ['4271 6.1', 'an OPEN of 4,097 octets', `${MARKER} 1001 01 ${zeros(4078)}`, '1/2', '1001'],
];

/** OPENs that are strange, and good. */
export const SOUND_OPENS: readonly (readonly [rfc: string, what: string, octets: string])[] = [
  ['5492 3', 'no parameters', open(GOOD, '00')],
  ['5492 4', 'all capabilities in one parameter', open(GOOD, '0c 02 0a 01 04 0001 00 01 02 00 46 00')],
  ['5492 4', 'one to a parameter', open(GOOD, '0e 02 06 01 04 0001 00 01 02 04 02 00 46 00')],
  ['5492 3', 'an unknown capability', open(GOOD, '07 02 05 c8 03 010203')],
  ['9072 2', 'extended lengths', open(GOOD, 'ff ff 0009 02 0006 01 04 0001 00 01')],
  ['6793 4.1', 'AS_TRANS and the same number in four octets', open('04 5ba0 005a c0000202', '08 02 06 41 04 0000fc00')],
  ['4271 4.2', 'a hold time of 0', open('04 fc00 0000 c0000202', '00')],
];
