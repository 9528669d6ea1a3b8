import type { ProtocolEffect, ProtocolEvent } from '../state/protocol.ts';
import type { GossipCodec } from './codec.ts';
import { formatEndpoint } from './endpoint.ts';
import type { JoinAttempts } from './join-attempts.ts';
import type { NoticeLimiter } from './notices.ts';
import type { MemberlistOptions } from './options.ts';
import type { PacketSocket } from './packet-socket.ts';
import type { StreamClient } from './stream/stream-client.ts';
import { exchangeStates, pingByStream, type StreamTimeouts } from './stream/stream-effects.ts';
import type { StreamServer } from './stream/stream-server.ts';
import type { WakeTimer } from './wake-timer.ts';

/** What the state machine's wishes are carried out with. */
export interface EffectHands {
  readonly options: MemberlistOptions;
  readonly packets: PacketSocket;
  readonly server: StreamServer;
  readonly client: StreamClient;
  readonly timer: WakeTimer;
  readonly joins: JoinAttempts;
  readonly notices: NoticeLimiter;
  readonly timeouts: StreamTimeouts;
  readonly codec: () => GossipCodec;
  readonly step: (event: ProtocolEvent) => void;
  readonly left: () => void;
}

const NOTHING = new Uint8Array();

/** Does one thing that the state machine wants. It may throw: a callback is somebody else's. */
export function carryOut(effect: ProtocolEffect, hands: EffectHands): void {
  const { options, server, notices } = hands;
  switch (effect.type) {
    case 'sendPacket':
      hands.packets.send(hands.codec().encodePacket(effect.parts, effect.checksum), effect.to);
      break;
    case 'wakeAt':
      hands.timer.at(effect.atMs);
      break;
    case 'exchangeStates':
      exchangeStates(effect, hands.client, hands.timeouts, hands.step);
      break;
    case 'pingByStream':
      pingByStream(effect, hands.client, hands.step);
      break;
    case 'answerPushPull': {
      const { exchange, join, states } = effect;
      server.answer(exchange, { type: 'pushPull', join, states, userState: NOTHING });
      break;
    }
    case 'answerStreamPing':
      server.answer(effect.exchange, { type: 'ack', sequence: effect.sequence, payload: NOTHING });
      break;
    case 'closeExchange':
      server.closeExchange(effect.exchange);
      break;
    case 'exchangeEnded':
      hands.joins.ended(effect.exchange, effect.failure);
      break;
    case 'leaveSent':
      hands.left();
      break;
    case 'memberJoined':
      options.onJoin?.(effect.member);
      break;
    case 'memberLeft':
      options.onLeave?.(effect.member);
      break;
    case 'memberUpdated':
      options.onUpdate?.(effect.member);
      break;
    case 'refuted':
      options.onRefuted?.(effect.from);
      break;
    case 'userMessage':
      options.onUserMessage?.(effect.payload, effect.from);
      break;
    case 'nameConflict': {
      const { known, other } = effect;
      const fields = { node: known.node, known: formatEndpoint(known) };
      const told = notices.notice('warn', 'another host uses the name of a member', formatEndpoint(other), fields);
      if (told) options.onConflict?.(known, other);
      break;
    }
    case 'notice': {
      const { level, message, fields } = effect;
      // Where the machine knows who is to blame, it is the one that is told of once a minute.
      const source = ['source', 'from', 'node'].find((name) => Object.hasOwn(fields, name)) ?? '';
      notices.notice(level, message, String(fields[source] ?? ''), fields);
      break;
    }
  }
}
