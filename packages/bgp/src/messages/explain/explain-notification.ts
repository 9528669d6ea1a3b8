import { HEADER_LENGTH } from '../framing/limits.ts';
import { CEASE, CEASE_SUBCODE, errorName, subcodeName } from '../notification/error-codes.ts';
import { dataMeaning } from '../notification/notification-text.ts';
import { shutdownCommunicationOf } from '../notification/shutdown-communication.ts';
import { quoted } from '../quoted.ts';
import type { Explanation } from './explanation.ts';
import { named } from './registry-names.ts';

function explainData(
  explanation: Explanation,
  start: number,
  end: number,
  depth: number,
  codes: { readonly errorCode: number; readonly errorSubcode: number },
): void {
  const data = explanation.octets.subarray(start, end);
  const notification = { type: 'notification', ...codes, data } as const;
  const communication = shutdownCommunicationOf(notification);
  const meaning = dataMeaning(notification);
  if (codes.errorCode === CEASE && codes.errorSubcode === CEASE_SUBCODE.hardReset && depth === 0 && data.length >= 2) {
    explanation.add(start, end, 0, 'Data', 'the NOTIFICATION that the Hard Reset stands for');
    explainCodes(explanation, start, end, 1);
  } else if (communication !== undefined) {
    const textEnd = start + 1 + (data[0] ?? 0);
    explanation.add(start, end, depth, 'Data', quoted(communication));
    explanation.addNumber(start, 1, end, depth + 1, 'Shutdown Communication Length');
    explanation.add(start + 1, textEnd, depth + 1, 'Shutdown Communication', quoted(communication));
    explanation.addOctets(textEnd, end, depth + 1, 'Octets behind the communication');
  } else if (meaning !== undefined) {
    explanation.add(start, end, depth, 'Data', meaning);
  } else {
    explanation.addOctets(start, end, depth, 'Data');
  }
}

function explainCodes(explanation: Explanation, start: number, end: number, depth: number): void {
  const errorCode = explanation.addNumber(start, 1, end, depth, 'Error Code', (code) => named(code, errorName(code)));
  if (errorCode === undefined) return;
  const errorSubcode = explanation.addNumber(start + 1, 1, end, depth, 'Error Subcode', (subcode) =>
    named(subcode, subcodeName(errorCode, subcode)),
  );
  if (errorSubcode !== undefined) explainData(explanation, start + 2, end, depth, { errorCode, errorSubcode });
}

/** Explains the body of a NOTIFICATION: RFC 4271, section 4.5. */
export function explainNotification(explanation: Explanation, end: number): void {
  explainCodes(explanation, HEADER_LENGTH, end, 0);
}
