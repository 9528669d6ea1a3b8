import { formatIpv4Address } from '@steelyard/wire';
import { AS_TRANS } from '../open/autonomous-system.ts';
import { OPEN_OFFSET, PARAMETER_TYPE_CAPABILITIES } from '../open/layout.ts';
import { layoutOfParameters, typeLengthValueAt } from '../open/optional-parameters.ts';
import { explainCapabilities } from './explain-capability.ts';
import type { Explanation } from './explanation.ts';
import { named } from './registry-names.ts';

const parameterTypeText = (type: number): string =>
  named(type, type === PARAMETER_TYPE_CAPABILITIES ? 'Capabilities' : undefined);

function explainParameters(explanation: Explanation, start: number, end: number, extended: boolean): void {
  explanation.add(start, end, 0, 'Optional Parameters', `${end - start} octets`);
  let offset = start;
  while (offset < end) {
    const found = typeLengthValueAt(explanation.octets, offset, end, extended);
    if (found === undefined) {
      explanation.addOctets(offset, end, 1, 'Optional Parameter');
      return;
    }
    explanation.add(offset, found.end, 1, 'Optional Parameter', parameterTypeText(found.type));
    explanation.addNumber(offset, 1, found.end, 2, 'Parameter Type', parameterTypeText);
    explanation.addNumber(offset + 1, extended ? 2 : 1, found.end, 2, 'Parameter Length');
    if (found.type === PARAMETER_TYPE_CAPABILITIES) explainCapabilities(explanation, found.valueOffset, found.end, 2);
    else explanation.addOctets(found.valueOffset, found.end, 2, 'Parameter Value');
    offset = found.end;
  }
}

/** Explains the body of an OPEN: RFC 4271, section 4.2; RFC 9072, section 2. */
export function explainOpen(explanation: Explanation, end: number): void {
  const at = OPEN_OFFSET;
  explanation.addNumber(at.version, 1, end, 0, 'Version');
  explanation.addNumber(at.myAutonomousSystem, 2, end, 0, 'My Autonomous System', (asn) =>
    named(asn, asn === AS_TRANS ? 'AS_TRANS: the number is in capability 65' : undefined),
  );
  explanation.addNumber(at.holdTime, 2, end, 0, 'Hold Time', (seconds) => `${seconds} s`);
  explanation.addNumber(at.bgpIdentifier, 4, end, 0, 'BGP Identifier', () =>
    formatIpv4Address(explanation.octets, at.bgpIdentifier),
  );
  const layout = layoutOfParameters(explanation.octets.subarray(0, end));
  if (layout?.extended !== true) {
    explanation.addNumber(at.parametersLength, 1, end, 0, 'Optional Parameters Length');
    if (end <= at.parameters) return;
  }
  if (layout === undefined) {
    explanation.addOctets(at.parameters, end, 0, 'Optional Parameters');
    return;
  }
  if (layout.extended) {
    explanation.addNumber(at.parametersLength, 1, end, 0, 'Non-Extended Optional Parameters Length');
    explanation.addNumber(at.parameters, 1, end, 0, 'Non-Extended Optional Parameters Type');
    explanation.addNumber(at.parameters + 1, 2, end, 0, 'Extended Optional Parameters Length');
  }
  const parametersEnd = Math.min(layout.offset + layout.length, end);
  explainParameters(explanation, layout.offset, parametersEnd, layout.extended);
  explanation.addOctets(parametersEnd, end, 0, 'Octets behind the parameters');
}
