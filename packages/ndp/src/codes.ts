/** Why octets are no Neighbor Solicitation or Advertisement that a node may act on: RFC 4861, sections 7.1.1 and 7.1.2. */
export type NdpDecodeCode =
  /** Shorter than a header, or than a header says. */
  | 'ERR_NDP_TRUNCATED'
  | 'ERR_NDP_UNEXPECTED_ETHERTYPE'
  | 'ERR_NDP_UNEXPECTED_VERSION'
  /** Another protocol, or an extension header. */
  | 'ERR_NDP_UNEXPECTED_NEXT_HEADER'
  | 'ERR_NDP_UNEXPECTED_HOP_LIMIT'
  | 'ERR_NDP_UNEXPECTED_TYPE'
  | 'ERR_NDP_UNEXPECTED_CODE'
  | 'ERR_NDP_BAD_CHECKSUM'
  | 'ERR_NDP_TARGET_IS_MULTICAST'
  /** A group's or the loopback address. */
  | 'ERR_NDP_SOURCE_NOT_UNICAST'
  /** `::` asks, but not in the solicited-node group, or with a link-layer address. */
  | 'ERR_NDP_SOURCE_IS_UNSPECIFIED'
  /** An advertisement to a group says that it was solicited. */
  | 'ERR_NDP_SOLICITED_MULTICAST'
  /** Zero, or beyond the end of the message. */
  | 'ERR_NDP_OPTION_LENGTH'
  /** Of another length than Ethernet's. */
  | 'ERR_NDP_LINK_LAYER_ADDRESS_LENGTH'
  | 'ERR_NDP_TOO_MANY_OPTIONS';
