import { expect, test } from 'vitest';
import type { SessionEnd } from '../fsm/vocabulary.ts';
import { explainSessionEnd, type SessionEndFacts } from './explain-session-end.ts';

const FACTS: SessionEndFacts = {
  peerAddress: '192.0.2.1',
  peerPort: 179,
  localAsn: 64_500,
  localAddress: '192.0.2.9',
  md5: false,
  gtsm: false,
  droppedForMd5: undefined,
};

function notification(type: 'notificationSent' | 'notificationReceived', code: number, subcode: number): SessionEnd {
  const message = { type: 'notification', errorCode: code, errorSubcode: subcode, data: new Uint8Array() } as const;
  return { type, notification: message, text: 'its text' };
}

test.for<[what: string, end: SessionEnd, facts: Partial<SessionEndFacts>, words: RegExp]>([
  [
    'a peer that closes before its OPEN',
    { type: 'connectionClosed', beforeOpen: true, error: undefined },
    {},
    /^the peer closed the connection before its OPEN: is the address 192\.0\.2\.9 configured there, with AS 64500\?$/u,
  ],
  [
    'a connection that is lost',
    { type: 'connectionClosed', beforeOpen: false, error: 'read ECONNRESET' },
    {},
    /without a NOTIFICATION \(read ECONNRESET\)/u,
  ],
  [
    'a port where nobody listens',
    { type: 'connectFailed', error: 'x', systemCode: 'ECONNREFUSED' },
    { peerAddress: '2001:db8::1' },
    /^cannot connect to \[2001:db8::1\]:179 \(ECONNREFUSED\): no BGP daemon listens/u,
  ],
  ['silence without a password', { type: 'connectTimedOut' }, {}, /expects a password/u],
  [
    'silence with a password',
    { type: 'connectTimedOut' },
    { md5: true, droppedForMd5: 0 },
    /TCP MD5 does not match: it has another password, or none; or no BGP daemon listens/u,
  ],
  [
    'silence with a password, when the counters moved',
    { type: 'connectTimedOut' },
    { md5: true, droppedForMd5: 3 },
    /this host dropped 3 segments/u,
  ],
  [
    'silence, as the system says it',
    { type: 'connectFailed', error: 'x', systemCode: 'ETIMEDOUT' },
    { gtsm: true },
    /more hops away than GTSM allows/u,
  ],
  [
    'no source address',
    { type: 'connectFailed', error: 'x', systemCode: 'EADDRNOTAVAIL' },
    {},
    /does not have the source address/u,
  ],
  [
    'an error without a code',
    { type: 'connectFailed', error: 'odd', systemCode: undefined },
    {},
    /^cannot connect to 192\.0\.2\.1:179: odd$/u,
  ],
  ['what this end says, in its own words', notification('notificationSent', 2, 2), {}, /^this end sent its text$/u],
  [
    'a wrong AS number of ours',
    notification('notificationReceived', 2, 2),
    {},
    /^the peer sent its text: it expects another AS number than 64500 from the address 192\.0\.2\.9$/u,
  ],
  ['a speaker beside us', notification('notificationReceived', 6, 7), {}, /another BGP speaker on this node/u],
  ['a refusal', notification('notificationReceived', 6, 5), {}, /another BGP speaker on this node/u],
  ['too many prefixes', notification('notificationReceived', 6, 1), {}, /more prefixes/u],
  ['a peer that shuts down', notification('notificationReceived', 6, 2), {}, /^the peer sent its text$/u],
  ['a silent peer', notification('notificationSent', 4, 0), {}, /nothing was heard/u],
  ['a peer that reads nothing', notification('notificationSent', 8, 0), {}, /reads nothing/u],
  ['a collision', { type: 'collision' }, {}, /in favour of another connection/u],
  ['a stop', { type: 'stopped' }, {}, /^stopped here$/u],
])('%s is told in words', ([, end, facts, words]) => {
  expect(explainSessionEnd(end, { ...FACTS, ...facts })).toMatch(words);
});
