import { isAgreed } from '../../src/fsm/peer-state.ts';
import { sendHoldTimerOf } from '../../src/fsm/timers.ts';
import type { BgpDecodeFailure } from '../../src/messages/decode-failure.ts';
import type { BgpMessage } from '../../src/messages/message.ts';
import type { UpdateMessage } from '../../src/update/update-message.ts';
import { createPeerLab, FIRST_INCOMING, inShort, type LabEvent, PEER_OPEN, type PeerLab } from './peer-lab.ts';

/** A state before an event. */
export interface Column {
  readonly name: string;
  prepare(): PeerLab;
}

/** An event. */
export interface Row {
  readonly name: string;
  /** Undefined where it cannot happen: its timer does not run. */
  event(lab: PeerLab): LabEvent | undefined;
}

function reached(name: 'Idle' | 'Connect' | 'Active' | 'OpenSent' | 'OpenConfirm' | 'Established'): Column {
  return {
    name,
    prepare: () => {
      const lab = createPeerLab();
      lab.reach(name);
      return lab;
    },
  };
}

/** The states of RFC 4271, section 8.2.2; Connect and Active also while the DelayOpenTimer runs, where TCP stands. */
export const COLUMNS: readonly Column[] = [
  reached('Idle'),
  reached('Connect'),
  {
    name: 'Connect, DelayOpen',
    prepare: () => {
      const lab = createPeerLab({ delayOpenTimeMs: 5_000 });
      lab.take({ type: 'ManualStart' });
      lab.take({ type: 'TcpConnectionAcked', connection: lab.connection });
      return lab;
    },
  },
  reached('Active'),
  {
    name: 'Active, DelayOpen',
    prepare: () => {
      const lab = createPeerLab({ delayOpenTimeMs: 5_000, passive: true });
      lab.take({ type: 'ManualStart' });
      lab.take({ type: 'TcpConnectionConfirmed', connection: FIRST_INCOMING });
      return lab;
    },
  },
  reached('OpenSent'),
  reached('OpenConfirm'),
  reached('Established'),
];

function timer(name: string, atMs: (lab: PeerLab) => number | undefined): Row {
  return {
    name,
    event: (lab) => {
      const expiresAtMs = atMs(lab);
      if (expiresAtMs === undefined) return undefined;
      lab.nowMs = expiresAtMs;
      return { type: 'TimerExpires' };
    },
  };
}

function message(name: string, received: BgpMessage): Row {
  return { name, event: (lab) => ({ type: 'MessageReceived', connection: lab.connection, message: received }) };
}

function failure(name: string, failed: Pick<BgpDecodeFailure, 'code' | 'errorCode' | 'errorSubcode'>): Row {
  const rest = { scope: 'session', data: new Uint8Array(0), offset: 0, message: 'malformed' } as const;
  return {
    name,
    event: (lab) => ({ type: 'MessageFailed', connection: lab.connection, failure: { ...failed, ...rest } }),
  };
}

function notification(errorCode: number, errorSubcode: number): BgpMessage {
  return { type: 'notification', errorCode, errorSubcode, data: new Uint8Array(0) };
}

const UPDATE: UpdateMessage = { type: 'update', withdrawn: [], announced: [], attributes: [], failures: [] };

/** HoldTimer and KeepaliveTimer come in that order; each is made to be the one that is due. */
function connectionTimer(lab: PeerLab, which: 'hold' | 'keepalive' | 'delayOpen' | 'sendHold'): number | undefined {
  const connection = lab.state.connections.at(-1);
  if (connection === undefined || connection.stage === 'connecting') return undefined;
  if (connection.stage === 'delaying') return which === 'delayOpen' ? connection.delayOpenAtMs : undefined;
  if (which === 'hold') return connection.holdAtMs;
  if (!isAgreed(connection)) return undefined;
  if (which === 'keepalive') return connection.keepaliveAtMs;
  if (which === 'delayOpen') return undefined;
  lab.config = { ...lab.config, sendHoldTimeMs: 1_000 };
  lab.take({ type: 'SendBlocked', connection: connection.id });
  const blocked = lab.state.connections.at(-1);
  return blocked !== undefined && isAgreed(blocked) ? sendHoldTimerOf(blocked, lab.config) : undefined;
}

/** The events of RFC 4271, section 8.1, by their numbers; 29 is RFC 9687's. */
export const ROWS: readonly Row[] = [
  { name: '1 ManualStart', event: () => ({ type: 'ManualStart' }) },
  { name: '2 ManualStop', event: () => ({ type: 'ManualStop', reason: { ceaseSubcode: 2 } }) },
  {
    name: '4 ManualStart, passive',
    event: (lab) => {
      lab.config = { ...lab.config, passive: true };
      return { type: 'ManualStart' };
    },
  },
  { name: '8 AutomaticStop', event: () => ({ type: 'AutomaticStop', reason: { ceaseSubcode: 10 } }) },
  timer('9 ConnectRetryTimer_Expires', (lab) => lab.state.connectRetryAtMs),
  timer('10 HoldTimer_Expires', (lab) => connectionTimer(lab, 'hold')),
  timer('11 KeepaliveTimer_Expires', (lab) => connectionTimer(lab, 'keepalive')),
  timer('12 DelayOpenTimer_Expires', (lab) => connectionTimer(lab, 'delayOpen')),
  timer('13 IdleHoldTimer_Expires', (lab) => {
    if (lab.name === 'Idle') {
      lab.reach('Connect');
      lab.take({ type: 'AutomaticStop', reason: { ceaseSubcode: 10 } });
    }
    return lab.state.idleHoldAtMs;
  }),
  { name: '16 Tcp_CR_Acked', event: (lab) => ({ type: 'TcpConnectionAcked', connection: lab.connection }) },
  {
    name: '17 TcpConnectionConfirmed',
    event: () => ({ type: 'TcpConnectionConfirmed', connection: FIRST_INCOMING + 1 }),
  },
  { name: '18 TcpConnectionFails', event: (lab) => ({ type: 'TcpConnectionFails', connection: lab.connection }) },
  message('19, 20 BGPOpen', PEER_OPEN),
  failure('21 BGPHeaderErr', { code: 'ERR_BGP_HEADER', errorCode: 1, errorSubcode: 1 }),
  failure('22 BGPOpenMsgErr', { code: 'ERR_BGP_OPEN', errorCode: 2, errorSubcode: 6 }),
  message('24 NotifMsgVerErr', notification(2, 1)),
  message('25 NotifMsg', notification(6, 2)),
  message('26 KeepAliveMsg', { type: 'keepalive' }),
  message('27 UpdateMsg', UPDATE),
  failure('28 UpdateMsgErr', { code: 'ERR_BGP_UPDATE', errorCode: 3, errorSubcode: 1 }),
  timer('29 SendHoldTimer_Expires', (lab) => connectionTimer(lab, 'sendHold')),
  message('ROUTE-REFRESH', { type: 'route-refresh', afi: 1, safi: 1, subtype: 0 }),
];

/** What a state makes of an event: the state after it and what is done, `–` where nothing changes, empty where it cannot happen. */
export function run(row: Row, column: Column): string {
  const lab = column.prepare();
  const event = row.event(lab);
  if (event === undefined) return '';
  const connection = lab.connection;
  const { state, name } = lab;
  const effects = lab.effectsOf(event);
  if (
    lab.state.started === state.started &&
    lab.name === name &&
    lab.state.connections === state.connections &&
    effects.length === 0
  )
    return '–';
  if (lab.state === state) return `${name}: ${inShort(effects, connection)}`;
  return `${lab.name}: ${inShort(effects, connection)}`.replace(/: $/, '');
}
