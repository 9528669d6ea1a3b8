import type { ConnectionId, NegotiatedSession } from '../../fsm/vocabulary.ts';
import type { BgpDecoded, BgpDecodeFailure } from '../../messages/decode-failure.ts';
import { decodeMessage } from '../../messages/decode-message.ts';
import { createMessageFramer, type MessageFramer } from '../../messages/framing/message-framer.ts';
import type { BgpMessage } from '../../messages/message.ts';
import { OPENING_SESSION, type SessionContext } from '../../messages/session-context.ts';
import type { Clock } from '../clock.ts';
import type { Connection } from '../transport/transport.ts';
import { SendQueue } from './send-queue.ts';

/** Then others have their turn: a flood of the smallest messages costs them no more than a few milliseconds. */
const MAX_MESSAGES_PER_TURN = 256;
/** A peer that is told goodbye has so long to take it. */
const LINGER_MS = 5_000;
/** Without a HoldTimer it is TCP that notices, some day, that a peer is gone. */
const KEEP_ALIVE_IDLE_MS = 60_000;

/** Who is told what happens on a connection. */
export interface PeerConnectionHost {
  connected(connection: PeerConnection): void;
  octetsReceived(count: number): void;
  messageReceived(connection: PeerConnection, message: BgpMessage): void;
  messageFailed(connection: PeerConnection, failure: BgpDecodeFailure): void;
  closed(connection: PeerConnection, error: Error | undefined): void;
  blocked(connection: PeerConnection): void;
  progress(connection: PeerConnection): void;
  octetsSent(count: number): void;
  /** Something that must not happen did. */
  crashed(error: unknown): void;
  /** It lingers no more. */
  gone(connection: PeerConnection): void;
}

/** One TCP connection to a peer: octets to messages, bounded for each turn, and messages to octets. */
export class PeerConnection {
  readonly id: ConnectionId;
  readonly queue: SendQueue;
  /** What both OPENs have agreed on. */
  session: NegotiatedSession | undefined;
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #host: PeerConnectionHost;
  readonly #framer: MessageFramer = createMessageFramer(OPENING_SESSION);
  #context: SessionContext = OPENING_SESSION;
  #messages: Iterator<BgpDecoded<Uint8Array>> | undefined;
  #share: number = MAX_MESSAGES_PER_TURN;
  #paused: boolean = false;
  /** Set when the connection is gone before its messages were all looked at. */
  #gone: { readonly error: Error | undefined } | undefined;
  /** Nobody listens to it any more. */
  #finished: boolean = false;
  #stopLingering: (() => void) | undefined;

  constructor(
    id: ConnectionId,
    clock: Clock,
    host: PeerConnectionHost,
    open: (connection: PeerConnection) => Connection,
  ) {
    this.id = id;
    this.#clock = clock;
    this.#host = host;
    this.#connection = open(this);
    this.queue = new SendQueue(this.#connection, clock, {
      blocked: () => this.#tell(() => host.blocked(this)),
      progress: () => this.#tell(() => host.progress(this)),
      octetsSent: (count) => host.octetsSent(count),
    });
  }

  get localAddress(): string | undefined {
    return this.#connection.localAddress;
  }

  /** Octets that the peer has not acknowledged, or that are not yet on their way; undefined where that is not known. */
  get unacknowledgedOctets(): number | undefined {
    const octets = this.#connection.unacknowledgedOctets();
    return octets === undefined ? undefined : octets + this.queue.backlogOctets;
  }

  /** From the next message on. */
  negotiated(session: NegotiatedSession): void {
    this.session = session;
    // RFC 8654, section 4: who has offered it takes long messages, and sends them only to a peer that has offered it, too.
    const extendedMessage = session.localCapabilities.some(({ type }) => type === 'extended-message');
    this.#context = { ...session.context, extendedMessage };
    this.#framer.setContext(this.#context);
    if (session.holdTimeSeconds === 0) this.#connection.keepAlive(KEEP_ALIVE_IDLE_MS);
  }

  // What the transport tells.

  onConnect(): void {
    this.#tell(() => this.#host.connected(this));
  }

  onOctets(octets: Uint8Array): void {
    // Who was told goodbye is read on, for closing with unread octets is an RST, which takes the NOTIFICATION with it.
    if (this.#finished) return;
    this.#host.octetsReceived(octets.length);
    this.#guard(() => {
      this.#messages = this.#framer.push(octets)[Symbol.iterator]();
      this.#read();
    });
  }

  onClose(error: Error | undefined): void {
    if (this.#finished) this.#forget();
    else if (this.#messages === undefined) this.#closed(error);
    else this.#gone ??= { error };
  }

  // What the state machine wants.

  /** FIN, after what was sent has left. */
  finish(): void {
    if (this.#finished) return;
    this.queue.flush();
    this.#finished = true;
    this.#messages = undefined;
    if (this.#gone !== undefined) {
      this.#forget();
      return;
    }
    if (this.#paused) this.#connection.resume();
    this.#connection.end();
    this.#stopLingering = this.#clock.callIn(LINGER_MS, () => this.reset());
  }

  /** As if the process had ended. */
  destroy(): void {
    this.#connection.destroy();
    this.#forget();
  }

  /** The peer takes nothing: what it was to be told is forgotten. */
  reset(): void {
    this.#connection.reset();
    this.#forget();
  }

  #forget(): void {
    this.#finished = true;
    this.#messages = undefined;
    this.#stopLingering?.();
    this.queue.close();
    this.#host.gone(this);
  }

  #tell(tell: () => void): void {
    if (!this.#finished) tell();
  }

  /** Looks at as many messages as this turn allows, and goes on with the rest in the next. */
  #read(): void {
    while (this.#messages !== undefined) {
      if (this.#share === 0) {
        this.#pause();
        return;
      }
      const next = this.#messages.next();
      if (next.done === true) {
        this.#messages = undefined;
        break;
      }
      if (this.#share === MAX_MESSAGES_PER_TURN) this.#clock.callSoon(() => this.#nextTurn());
      this.#share -= 1;
      this.#message(next.value);
    }
    if (this.#finished) return;
    if (this.#gone !== undefined) this.#closed(this.#gone.error);
    else if (this.#paused) {
      this.#paused = false;
      this.#connection.resume();
    }
  }

  #message(framed: BgpDecoded<Uint8Array>): void {
    const decoded = framed.ok ? decodeMessage(framed.value, this.#context) : framed;
    if (decoded.ok) this.#host.messageReceived(this, decoded.value);
    else this.#host.messageFailed(this, decoded.failure);
  }

  #nextTurn(): void {
    this.#share = MAX_MESSAGES_PER_TURN;
    this.#guard(() => this.#read());
  }

  /** Nothing is thrown out of a socket's callback. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#host.crashed(error);
    }
  }

  #pause(): void {
    if (this.#paused || this.#gone !== undefined) return;
    this.#paused = true;
    this.#connection.pause();
  }

  #closed(error: Error | undefined): void {
    this.#finished = true;
    this.queue.close();
    this.#host.closed(this, error);
    this.#host.gone(this);
  }
}
