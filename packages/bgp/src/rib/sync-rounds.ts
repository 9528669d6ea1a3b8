/** What a peer is told between routes: RFC 4724, section 2, and RFC 7313, section 3. */
export type SyncMarker = 'End-of-RIB' | 'BoRR' | 'EoRR';

/** What a round is about. */
export interface SyncRoundsOptions {
  /** How many routes of the round are still to be sent. */
  due(): number;
  /** Makes all routes that the peer has due again. */
  startRefresh(): void;
}

/** Rounds in which all routes of a family go out: the initial one, then one for each request of the peer. */
export interface SyncRounds {
  /** The session begins, and with it the initial round. */
  begin(): void;
  end(): void;
  /** In the initial round. */
  readonly initial: boolean;
  /**
   * The peer asks for everything.
   *
   * RFC 7313, section 4: not before End-of-RIB. While a round is under way, all further requests together are one more;
   * while nothing of it was taken, none.
   */
  request(enhanced: boolean): void;
  /** A route of the round was taken. */
  touch(): void;
  /** The marker that goes before anything else of this family, if one does. */
  takeMarker(): SyncMarker | undefined;
  /** Closes a round that ends without a marker. To be called after routes were taken. */
  close(): void;
  /** A marker is still to come. */
  readonly markerAwaited: boolean;
}

type Round =
  | { readonly type: 'initial' }
  | { readonly type: 'refresh'; enhanced: boolean; begun: boolean; touched: boolean };

/** No session, no round. */
export function createSyncRounds({ due, startRefresh }: SyncRoundsOptions): SyncRounds {
  let round: Round | undefined;
  /** One more is to follow: whether enhanced. */
  let again: boolean | undefined;

  function open(enhanced: boolean): void {
    round = { type: 'refresh', enhanced, begun: false, touched: false };
    startRefresh();
  }

  function finish(): void {
    const enhanced = again;
    round = undefined;
    again = undefined;
    if (enhanced !== undefined) open(enhanced);
  }

  const rounds: SyncRounds = {
    begin() {
      round = { type: 'initial' };
      again = undefined;
    },
    end() {
      round = undefined;
      again = undefined;
    },
    get initial() {
      return round?.type === 'initial';
    },
    request(enhanced) {
      if (round === undefined) open(enhanced);
      else if (round.type === 'refresh' && !round.touched) round.enhanced ||= enhanced;
      else again = (again ?? false) || enhanced;
      rounds.close();
    },
    touch() {
      if (round?.type === 'refresh') round.touched = true;
    },
    takeMarker() {
      if (round === undefined) return undefined;
      if (round.type === 'refresh' && round.enhanced && !round.begun) {
        round.begun = true;
        round.touched = true;
        return 'BoRR';
      }
      if (due() > 0) return undefined;
      const marker = round.type === 'initial' ? 'End-of-RIB' : 'EoRR';
      finish();
      rounds.close();
      return marker;
    },
    close() {
      while (round?.type === 'refresh' && !round.enhanced && due() === 0) finish();
    },
    get markerAwaited() {
      return round !== undefined && (round.type === 'initial' || round.enhanced);
    },
  };
  return rounds;
}
