import { afiSafiOf } from '../address-family.ts';
import { HEADER_LENGTH } from '../framing/limits.ts';
import type { SessionContext } from '../session-context.ts';
import { explainAttributes } from './explain-attribute.ts';
import { explainNlri } from './explain-nlri.ts';
import type { Explanation } from './explanation.ts';

const IPV4_UNICAST = afiSafiOf('ipv4-unicast');

/** Explains the body of an UPDATE: RFC 4271, section 4.3. */
export function explainUpdate(explanation: Explanation, end: number, context: SessionContext): void {
  const withdrawnLength = explanation.addNumber(HEADER_LENGTH, 2, end, 0, 'Withdrawn Routes Length');
  if (withdrawnLength === undefined) return;
  const withdrawnStart = HEADER_LENGTH + 2;
  const withdrawnEnd = Math.min(withdrawnStart + withdrawnLength, end);
  explanation.add(withdrawnStart, withdrawnEnd, 0, 'Withdrawn Routes', `${withdrawnEnd - withdrawnStart} octets`);
  explainNlri(explanation, withdrawnStart, withdrawnEnd, 1, IPV4_UNICAST, context);

  const attributesLength = explanation.addNumber(withdrawnEnd, 2, end, 0, 'Total Path Attribute Length');
  if (attributesLength === undefined) return;
  const attributesStart = withdrawnEnd + 2;
  const attributesEnd = Math.min(attributesStart + attributesLength, end);
  explanation.add(attributesStart, attributesEnd, 0, 'Path Attributes', `${attributesEnd - attributesStart} octets`);
  explainAttributes(explanation, attributesStart, attributesEnd, context);

  explanation.add(attributesEnd, end, 0, 'Network Layer Reachability Information', `${end - attributesEnd} octets`);
  explainNlri(explanation, attributesEnd, end, 1, IPV4_UNICAST, context);
}
