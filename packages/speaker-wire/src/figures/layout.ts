/** What of the wire thread's state is shown as metrics besides the counters of addresses. In the order of their places. */
export const FIGURE_NAMES = [
  'entries',
  'announcedAddresses',
  'conflicts',
  'gossipMembersAlive',
  'gossipMembersSuspect',
  'gossipMembersDead',
  'gossipPacketsReceived',
  'gossipPacketsSent',
  'gossipOctetsReceived',
  'gossipOctetsSent',
  'gossipPacketsRefused',
] as const;

/** @see FIGURE_NAMES */
export type WireFigures = Readonly<Record<(typeof FIGURE_NAMES)[number], number>>;

export const FIGURES_OCTETS: number = FIGURE_NAMES.length * Float64Array.BYTES_PER_ELEMENT;
