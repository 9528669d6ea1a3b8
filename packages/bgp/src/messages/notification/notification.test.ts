import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as arbitrary from '../../../test/messages/arbitraries.ts';
import { messageOf, octetsOf } from '../../../test/messages/octets-of.ts';
import type { NotificationMessage } from '../message.ts';
import { hardReset, hardResetReason } from './hard-reset.ts';
import { decodeNotification, encodeNotification } from './notification.ts';
import { notificationText } from './notification-text.ts';
import { shutdownCommunication, shutdownCommunicationOf } from './shutdown-communication.ts';

const notification = (
  errorCode: number,
  errorSubcode: number,
  data: string | Uint8Array = '',
): NotificationMessage => ({
  type: 'notification',
  errorCode,
  errorSubcode,
  data: typeof data === 'string' ? octetsOf(data) : data,
});

test('a NOTIFICATION is a code, a subcode and data', () => {
  expect(encodeNotification(notification(2, 1, '0004'))).toEqual(messageOf(3, '02 01 0004'));
});

test('decoding undoes encoding', () => {
  fc.assert(
    fc.property(arbitrary.notification, (message) => {
      expect(decodeNotification(encodeNotification(message))).toEqual({ ok: true, value: message });
    }),
  );
});

test('data that does not fit is cut', () => {
  const octets = encodeNotification(notification(7, 1, new Uint8Array(65_000).fill(7)));
  expect(octets.length).toBe(4096);
  expect([...octets.subarray(16, 22)]).toEqual([0x10, 0, 3, 7, 1, 7]);
});

test('a code that is no octet is the caller’s mistake', () => {
  expect(() => encodeNotification(notification(256, 0))).toThrow(RangeError);
  expect(() => encodeNotification(notification(6, -1))).toThrow(RangeError);
});

describe('in words', () => {
  test.for<[errorCode: number, errorSubcode: number, data: string, text: string]>([
    [1, 1, '', 'Message Header Error/Connection Not Synchronized (1/1)'],
    [1, 2, '1001', 'Message Header Error/Bad Message Length (1/2): length 4097'],
    [1, 3, '06', 'Message Header Error/Bad Message Type (1/3): type 6'],
    [2, 0, '', 'OPEN Message Error (2/0)'],
    [2, 1, '0004', 'OPEN Message Error/Unsupported Version Number (2/1): supported version 4'],
    [2, 2, 'fc00', 'OPEN Message Error/Bad Peer AS (2/2): AS 64512'],
    [2, 2, 'fa56ea01', 'OPEN Message Error/Bad Peer AS (2/2): AS 4200000001'],
    [2, 3, '', 'OPEN Message Error/Bad BGP Identifier (2/3)'],
    [2, 4, '', 'OPEN Message Error/Unsupported Optional Parameter (2/4)'],
    [2, 6, '0002', 'OPEN Message Error/Unacceptable Hold Time (2/6): hold time 2'],
    [2, 7, '0104 00010001', 'OPEN Message Error/Unsupported Capability (2/7): capability 1'],
    [2, 11, '', 'OPEN Message Error/Role Mismatch (2/11)'],
    [3, 5, '4003 01 00', 'UPDATE Message Error/Attribute Length Error (3/5): data 40030100'],
    [3, 11, '', 'UPDATE Message Error/Malformed AS_PATH (3/11)'],
    [4, 0, '', 'Hold Timer Expired (4/0)'],
    [5, 2, '', 'Finite State Machine Error/Receive Unexpected Message in OpenConfirm State (5/2)'],
    [6, 1, '0001 01 000003e8', 'Cease/Maximum Number of Prefixes Reached (6/1): AFI 1 SAFI 1, at most 1000 prefixes'],
    [6, 5, '', 'Cease/Connection Rejected (6/5)'],
    [6, 7, '', 'Cease/Connection Collision Resolution (6/7)'],
    [6, 10, '', 'Cease/BFD Down (6/10)'],
    [7, 1, 'ff', 'ROUTE-REFRESH Message Error/Invalid Message Length (7/1): data ff'],
    [8, 0, '', 'Send Hold Timer Expired (8/0)'],
    [6, 99, '', 'Cease/unknown subcode (6/99)'],
    [9, 0, '', 'unknown error (9/0)'],
    [9, 1, '', 'unknown error/unknown subcode (9/1)'],
    [
      7,
      1,
      'ab'.repeat(33),
      `ROUTE-REFRESH Message Error/Invalid Message Length (7/1): data ${'ab'.repeat(32)}… (33 octets)`,
    ],
  ])('%i/%i %s', ([errorCode, errorSubcode, data, text]) => {
    expect(notificationText(notification(errorCode, errorSubcode, data))).toBe(text);
  });

  test('the words of an object’s prototype are no subcodes', () => {
    expect(notificationText(notification(255, 255))).toBe('unknown error/unknown subcode (255/255)');
  });
});

describe('RFC 9003: shutdown communication', () => {
  test('goes with its length in front', () => {
    expect(shutdownCommunication('Grüße')).toEqual(octetsOf('07 4772c3bcc39f65'));
    expect(shutdownCommunication('')).toEqual(octetsOf('00'));
  });

  test.for<[name: string, text: string, octets: number]>([
    ['255 octets stay', 'x'.repeat(255), 255],
    ['256 octets are cut', 'x'.repeat(256), 255],
    ['a character of two octets is not halved', `${'x'.repeat(254)}ü`, 254],
    ['a character of three octets is not halved', `${'x'.repeat(253)}語`, 253],
    ['a character of four octets is not halved', `${'x'.repeat(252)}🚦`, 252],
    ['half of a surrogate pair becomes U+FFFD', '\ud83d', 3],
  ])('%s', ([, text, octets]) => {
    const data = shutdownCommunication(text);
    expect(data[0]).toBe(octets);
    expect(data.length).toBe(1 + octets);
    expect(new TextDecoder('utf-8', { fatal: true }).decode(data.subarray(1))).toBe(
      text.toWellFormed().slice(0, octets === 3 ? 1 : octets),
    );
  });

  test.for<[name: string, errorSubcode: number, data: string, text: string | undefined]>([
    ['an Administrative Shutdown', 2, '03 616263', 'abc'],
    ['an Administrative Reset', 4, '03 616263', 'abc'],
    ['octets behind it', 2, '02 616263', 'ab'],
    ['a length of 0', 2, '00', undefined],
    ['no data', 2, '', undefined],
    ['a length beyond the data', 2, '04 616263', undefined],
    ['another subcode', 3, '03 616263', undefined],
    ['octets that are no UTF-8', 2, '03 61ff62', 'a\ufffdb'],
    ['an overlong form', 2, '02 c080', '\ufffd\ufffd'],
    ['a surrogate', 2, '03 eda080', '\ufffd\ufffd\ufffd'],
    ['a character that is cut off', 2, '02 61e8', 'a\ufffd'],
  ])('%s', ([, errorSubcode, data, text]) => {
    expect(shutdownCommunicationOf(notification(6, errorSubcode, data))).toBe(text);
  });

  test.for<[name: string, text: string, shown: string]>([
    ['quotes and backslashes', 'say "hi" \\', '"say \\"hi\\" \\\\"'],
    ['a line end, which would forge a line of a log', 'a\nlevel=error', '"a\\u{a}level=error"'],
    ['an escape sequence of a terminal', '\u001b[2Ja', '"\\u{1b}[2Ja"'],
    ['a change of the direction of writing', 'a\u202eb', '"a\\u{202e}b"'],
    ['a line separator', 'a\u2028b', '"a\\u{2028}b"'],
    ['what is only foreign', 'Wartung – 保守 🚧', '"Wartung – 保守 🚧"'],
  ])('is shown without harm: %s', ([, text, shown]) => {
    expect(notificationText(notification(6, 2, shutdownCommunication(text)))).toBe(
      `Cease/Administrative Shutdown (6/2): ${shown}`,
    );
  });
});

describe('RFC 8538: Hard Reset', () => {
  const shutdown = notification(6, 2, shutdownCommunication('bye'));

  test('carries another NOTIFICATION', () => {
    expect(encodeNotification(hardReset(shutdown))).toEqual(messageOf(3, '06 09 06 02 03 627965'));
    expect(hardResetReason(hardReset(shutdown))).toEqual(shutdown);
    expect(notificationText(hardReset(shutdown))).toBe(
      'Cease/Hard Reset (6/9): Cease/Administrative Shutdown (6/2): "bye"',
    );
  });

  test.for<[name: string, message: NotificationMessage]>([
    ['another Cease', shutdown],
    ['a Hard Reset without data', notification(6, 9)],
    ['a Hard Reset with half a reason', notification(6, 9, '06')],
  ])('%s has none inside', ([, message]) => {
    expect(hardResetReason(message)).toBeUndefined();
  });

  test('one in the other is shown once, however deep they are', () => {
    const nested = notification(6, 9, '0609'.repeat(2000));
    expect(notificationText(nested)).toMatch(/^Cease\/Hard Reset \(6\/9\): data 0609.* octets\)$/);
  });
});

test('any NOTIFICATION has words on one line', () => {
  fc.assert(
    fc.property(arbitrary.notification, (message) => {
      expect(notificationText(message)).toMatch(/^[\p{L}][^\p{Cc}]*$/u);
    }),
  );
});
