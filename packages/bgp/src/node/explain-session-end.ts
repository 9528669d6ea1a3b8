import type { SessionEnd } from '../fsm/vocabulary.ts';
import type { NotificationMessage } from '../messages/message.ts';

/** What this end knows of a session, beside why it ended. */
export interface SessionEndFacts {
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly localAsn: number;
  /** Undefined where no connection came to be. */
  readonly localAddress: string | undefined;
  readonly md5: boolean;
  readonly gtsm: boolean;
  /** Segments that this host dropped because of TCP MD5 meanwhile, of whatever connection; undefined: not known. */
  readonly droppedForMd5: number | undefined;
}

/** RFC 4271, section 4.5, and the subcodes that have a hint. */
const OPEN_ERROR = 2;
const BAD_PEER_AS = 2;
const BAD_BGP_IDENTIFIER = 3;
const UNACCEPTABLE_HOLD_TIME = 6;
const HOLD_TIMER_EXPIRED = 4;
const CEASE = 6;
const MAXIMUM_PREFIXES = 1;
const DECONFIGURED = 3;
const REJECTED = 5;
const COLLISION = 7;
const SEND_HOLD_TIMER_EXPIRED = 8;

/** Said of a session that is established while the peer seems to use nothing of what it is told. */
export const NO_ROUTES_HINT: string =
  'the session is established and routes were announced; if the peer uses none of them, it may lack a policy: FRR since ' +
  '7.4 takes nothing from an external peer without one ("(Policy)" in its summary, RFC 8212): give it a route-map, or ' +
  '"no bgp ebgp-requires-policy"';

/** Says in words why a session or an attempt ended, and what to look at. One line, without a full stop. */
export function explainSessionEnd(end: SessionEnd, facts: SessionEndFacts): string {
  const [what, hint] = explain(end, facts);
  return hint === undefined ? what : `${what}: ${hint}`;
}

type Explanation = readonly [what: string, hint?: string | undefined];

function explain(end: SessionEnd, facts: SessionEndFacts): Explanation {
  switch (end.type) {
    case 'notificationReceived':
      return [`the peer sent ${end.text}`, receivedHint(end.notification, facts)];
    case 'notificationSent':
      return [`this end sent ${end.text}`, sentHint(end.notification)];
    case 'connectFailed':
      return connectFailed(end, facts);
    case 'connectTimedOut':
      return [`no answer from ${endpoint(facts)}`, timeoutHint(facts)];
    case 'connectionClosed':
      return closedHint(end, facts);
    case 'collision':
      return ['closed in favour of another connection to the same peer (RFC 4271, section 6.8)'];
    case 'stopped':
      return ['stopped here'];
  }
}

function connectFailed(
  { error, systemCode }: SessionEnd & { readonly type: 'connectFailed' },
  facts: SessionEndFacts,
): Explanation {
  const what = `cannot connect to ${endpoint(facts)}`;
  const hint = connectHint(systemCode, facts);
  return hint === undefined ? [what, error] : [`${what} (${systemCode})`, hint];
}

function endpoint({ peerAddress, peerPort }: SessionEndFacts): string {
  return peerAddress.includes(':') ? `[${peerAddress}]:${peerPort}` : `${peerAddress}:${peerPort}`;
}

function self({ localAddress }: SessionEndFacts): string {
  return localAddress === undefined ? "this node's address" : `the address ${localAddress}`;
}

function receivedHint({ errorCode, errorSubcode }: NotificationMessage, facts: SessionEndFacts): string | undefined {
  if (errorCode === OPEN_ERROR && errorSubcode === BAD_PEER_AS) {
    return `it expects another AS number than ${facts.localAsn} from ${self(facts)}`;
  }
  if (errorCode === OPEN_ERROR && errorSubcode === BAD_BGP_IDENTIFIER) {
    return 'it has the same BGP identifier as this end, or refuses it: every router needs one of its own';
  }
  if (errorCode === OPEN_ERROR && errorSubcode === UNACCEPTABLE_HOLD_TIME) return 'it wants another hold time';
  if (errorCode === HOLD_TIMER_EXPIRED)
    return 'it heard no KEEPALIVE in time: octets are lost on the way, or this end stood still';
  if (errorCode === SEND_HOLD_TIMER_EXPIRED) return 'it could not send, because this end read nothing: RFC 9687';
  if (errorCode !== CEASE) return undefined;
  if (errorSubcode === COLLISION || errorSubcode === REJECTED) {
    return (
      `another BGP speaker on this node may already have a session with it (Calico, Cilium, FRR), or ` +
      `${self(facts)} is not configured there`
    );
  }
  if (errorSubcode === MAXIMUM_PREFIXES) return 'more prefixes were announced than it takes';
  if (errorSubcode === DECONFIGURED) return `${self(facts)} is no peer there any more`;
  return undefined;
}

function sentHint({ errorCode }: NotificationMessage): string | undefined {
  if (errorCode === HOLD_TIMER_EXPIRED)
    return 'nothing was heard from the peer for the whole hold time: it, or the way to it, is dead';
  if (errorCode === SEND_HOLD_TIMER_EXPIRED) return 'the peer reads nothing: RFC 9687';
  return undefined;
}

function connectHint(systemCode: string | undefined, facts: SessionEndFacts): string | undefined {
  switch (systemCode) {
    case 'ECONNREFUSED':
      return 'no BGP daemon listens there, or an access list refuses this node';
    case 'ECONNRESET':
      return `it hung up at once: is ${self(facts)} a peer there, with AS ${facts.localAsn}?`;
    case 'ETIMEDOUT':
      return timeoutHint(facts);
    case 'EHOSTUNREACH':
      return facts.gtsm
        ? 'nobody there answers ARP or neighbour discovery, or it is more hops away than GTSM allows'
        : 'nobody there answers ARP or neighbour discovery, or a router on the way says so';
    case 'ENETUNREACH':
      return 'this node has no route to it';
    case 'EADDRNOTAVAIL':
      return 'this node does not have the source address';
    case 'ENODEV':
      return 'this node does not have the interface';
    case 'EACCES':
    case 'EPERM':
      return 'a local firewall or policy refuses the connection';
    default:
      return undefined;
  }
}

function timeoutHint({ peerPort, md5, gtsm, droppedForMd5 }: SessionEndFacts): string {
  const causes = [`it is down, or packets to port ${peerPort} are dropped on the way`];
  if (!md5) causes.push('it expects a password (TCP MD5), and none is configured here');
  else {
    const counted =
      droppedForMd5 === undefined || droppedForMd5 === 0
        ? ''
        : ` (this host dropped ${droppedForMd5} segments for it meanwhile)`;
    causes.push(
      `TCP MD5 does not match${counted}: it has another password, or none`,
      'no BGP daemon listens there, which is not told to who signs',
    );
  }
  if (gtsm) causes.push('it is more hops away than GTSM allows');
  return causes.join('; or ');
}

function closedHint(end: SessionEnd & { readonly type: 'connectionClosed' }, facts: SessionEndFacts): Explanation {
  const how = end.error === undefined ? '' : ` (${end.error})`;
  if (end.beforeOpen) {
    return [
      `the peer closed the connection before its OPEN${how}`,
      `is ${self(facts)} configured there, with AS ${facts.localAsn}?`,
    ];
  }
  return [`the connection closed without a NOTIFICATION${how}`, 'the peer, or its BGP daemon, went away'];
}
