import type { BgpMessage } from '../../messages/message.ts';
import type { BgpPeerCounters } from '../options.ts';

type Kind = keyof BgpPeerCounters['sent'];
type Kinds = Record<Kind, number>;

const KINDS: Readonly<Record<BgpMessage['type'], Kind>> = {
  open: 'open',
  update: 'update',
  notification: 'notification',
  keepalive: 'keepalive',
  'route-refresh': 'routeRefresh',
};
/** RFC 4271, section 4.1: the type is the octet behind the marker and the length. */
const TYPE_OFFSET = 18;
const UPDATE = 2;

function none(): Kinds {
  return { open: 0, update: 0, notification: 0, keepalive: 0, routeRefresh: 0 };
}

/** Counts since the peer was added. */
export class PeerCounters implements BgpPeerCounters {
  readonly sent: Kinds = none();
  readonly received: Kinds = none();
  octetsSent = 0;
  octetsReceived = 0;
  established = 0;
  prefixesReceived = 0;
  prefixesWithdrawn = 0;
  updateFailures = 0;

  messageSent(type: BgpMessage['type']): void {
    this.sent[KINDS[type]] += 1;
  }

  messageReceived(type: BgpMessage['type']): void {
    this.received[KINDS[type]] += 1;
  }

  /** UPDATEs and markers of a route refresh. */
  routesSent(message: Uint8Array): void {
    if (message[TYPE_OFFSET] === UPDATE) this.sent.update += 1;
    else this.sent.routeRefresh += 1;
  }

  /** As they are now. */
  copy(): BgpPeerCounters {
    const { octetsSent, octetsReceived, established, prefixesReceived, prefixesWithdrawn, updateFailures } = this;
    return {
      sent: { ...this.sent },
      received: { ...this.received },
      octetsSent,
      octetsReceived,
      established,
      prefixesReceived,
      prefixesWithdrawn,
      updateFailures,
    };
  }
}
