import { type Candidate, rankCandidates, type Sha256 } from './rank-candidates.ts';

/** Who took an address last, by the register that speakers merge by maximum. Only steady ownership passes one. */
export interface Claim {
  readonly epoch: number;
  readonly node: string;
}

/** What a failure detector holds of a node: `dead` is passed over; `demoted` announces only when nobody else can. */
export type Verdict = 'dead' | 'demoted';

/** What is known of the nodes when an owner is chosen. */
export interface Electorate {
  /** The living members of the gossip; `unknown` where there is no gossip: then every candidate counts as alive. */
  readonly members: ReadonlySet<string> | 'unknown';
  readonly claim?: Claim | undefined;
  readonly verdicts?: ReadonlyMap<string, Verdict> | undefined;
}

/** Why the owner owns, or why nobody does. */
export type ElectionReason =
  | 'Claim' // holds the claim, lives, and nobody living is preferred to it
  | 'Preference' // has the highest score of the living
  | 'Hash' // comes first by hash among equals
  | 'OnlyCandidate'
  | 'NoCandidate'
  | 'NoLivingCandidate';

/** Who announces an address. */
export interface Election {
  readonly owner: string | undefined;
  readonly because: ElectionReason;
}

/** An election with all who could win it, first choice first. A claim changes `owner`, never `order`. */
export interface OrderedElection extends Election {
  readonly order: readonly string[];
}

/**
 * Chooses the owner among candidates that are already ranked, in one walk and without a hash.
 *
 * Preference outranks steadiness: a claim holds only against candidates with the same score as its holder's or less.
 *
 * @param ranking - What `rankCandidates` returned for this address.
 */
export function electOwner(ranking: readonly Candidate[], electorate: Electorate): Election {
  const order = livingCandidates(ranking, electorate);
  const [first, second] = order;
  if (first === undefined) {
    return { owner: undefined, because: ranking.length === 0 ? 'NoCandidate' : 'NoLivingCandidate' };
  }
  const holder = order.find(({ node }) => node === electorate.claim?.node);
  if (
    holder !== undefined &&
    holder.score === first.score &&
    rankOfVerdict(holder, electorate) === rankOfVerdict(first, electorate)
  ) {
    return { owner: holder.node, because: 'Claim' };
  }
  if (second === undefined) {
    return { owner: first.node, because: 'OnlyCandidate' };
  }
  return { owner: first.node, because: first.score > second.score ? 'Preference' : 'Hash' };
}

/**
 * Ranks the candidates for an address and chooses its owner.
 *
 * @throws TypeError if `address` is not an IP address.
 * @see MetalLB `speaker/layer2_controller.go`, `ShouldAnnounce`
 */
export function elect(
  input: Electorate & {
    readonly candidates: readonly Candidate[];
    readonly address: string;
    readonly sha256: Sha256;
  },
): OrderedElection {
  const ranking = rankCandidates(input.candidates, input.address, input.sha256);
  return { ...electOwner(ranking, input), order: livingCandidates(ranking, input).map(({ node }) => node) };
}

/** The living in their order, the demoted after all others. */
function livingCandidates(ranking: readonly Candidate[], electorate: Electorate): Candidate[] {
  const { members, verdicts } = electorate;
  const living = ranking.filter(
    ({ node }) => (members === 'unknown' || members.has(node)) && verdicts?.get(node) !== 'dead',
  );
  if (verdicts === undefined || verdicts.size === 0) {
    return living;
  }
  return living.sort((a, b) => rankOfVerdict(a, electorate) - rankOfVerdict(b, electorate)); // stable
}

function rankOfVerdict({ node }: Candidate, { verdicts }: Electorate): number {
  return verdicts?.get(node) === 'demoted' ? 1 : 0;
}
