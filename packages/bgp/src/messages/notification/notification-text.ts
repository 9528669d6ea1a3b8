import { hexadecimal } from '../hexadecimal.ts';
import type { NotificationMessage } from '../message.ts';
import { quoted } from '../quoted.ts';
import { errorName, subcodeName } from './error-codes.ts';
import { hardResetReason } from './hard-reset.ts';
import { shutdownCommunicationOf } from './shutdown-communication.ts';

/** At most so many octets of data are shown. */
const MAX_SHOWN_DATA_LENGTH = 32;

function numberOf(data: Uint8Array): number {
  return data.reduce((number, octet) => number * 256 + octet, 0);
}

/** Data that is one number of `length` octets. */
function numbered(data: Uint8Array, length: number, what: string): string | undefined {
  return data.length === length ? `${what} ${numberOf(data)}` : undefined;
}

/** What the data of some errors means: RFC 4271, sections 6.1 and 6.2; RFC 4486, section 4; RFC 5492, section 5. */
export function dataMeaning({ errorCode, errorSubcode, data }: NotificationMessage): string | undefined {
  switch (`${errorCode}/${errorSubcode}`) {
    case '1/2':
      return numbered(data, 2, 'length');
    case '1/3':
      return numbered(data, 1, 'type');
    case '2/1':
      return numbered(data, 2, 'supported version');
    case '2/2':
      return numbered(data, 2, 'AS') ?? numbered(data, 4, 'AS');
    case '2/6':
      return numbered(data, 2, 'hold time');
    case '2/7':
      return data.length >= 2 ? `capability ${data[0]}` : undefined;
    case '6/1':
      return data.length === 7
        ? `AFI ${numberOf(data.subarray(0, 2))} SAFI ${data[2]}, at most ${numberOf(data.subarray(3))} prefixes`
        : undefined;
    default:
      return undefined;
  }
}

/** What follows the codes. */
function detailOf(notification: NotificationMessage): string {
  const communication = shutdownCommunicationOf(notification);
  if (communication !== undefined) return `: ${quoted(communication)}`;
  const { data } = notification;
  if (data.length === 0) return '';
  const meaning = dataMeaning(notification);
  if (meaning !== undefined) return `: ${meaning}`;
  const shown = hexadecimal(data.subarray(0, MAX_SHOWN_DATA_LENGTH));
  return `: data ${shown}${data.length > MAX_SHOWN_DATA_LENGTH ? `… (${data.length} octets)` : ''}`;
}

/**
 * A NOTIFICATION in words, on one line: `Cease/Administrative Shutdown (6/2): "maintenance"`.
 *
 * What the peer wrote is in quotes, and escaped where it would change how the line is shown.
 */
export function notificationText(notification: NotificationMessage): string {
  const { errorCode, errorSubcode } = notification;
  const subcode = subcodeName(errorCode, errorSubcode);
  const title = `${errorName(errorCode)}${subcode === undefined ? '' : `/${subcode}`} (${errorCode}/${errorSubcode})`;
  const reason = hardResetReason(notification);
  // A Hard Reset inside of a Hard Reset means nothing, and would nest 2,000 times in one message.
  if (reason === undefined || hardResetReason(reason) !== undefined) return `${title}${detailOf(notification)}`;
  return `${title}: ${notificationText(reason)}`;
}
