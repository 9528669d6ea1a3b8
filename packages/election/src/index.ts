/**
 * Who announces an address: candidates, order and preference, exactly as MetalLB elects.
 *
 * @packageDocumentation
 */
export {
  type Claim,
  type Election,
  type ElectionReason,
  type Electorate,
  elect,
  electOwner,
  type OrderedElection,
  type Verdict,
} from './elect.ts';
export { type Candidate, electionOrder, rankCandidates, type Sha256 } from './rank-candidates.ts';
