/** A BGP community: RFC 1997, or a large one of RFC 8092. */
export type BgpCommunity =
  | { readonly kind: 'legacy'; readonly upper: number; readonly lower: number }
  | {
      readonly kind: 'large';
      readonly globalAdministrator: number;
      readonly localData1: number;
      readonly localData2: number;
    };
