/** An address that an interface of this host has. */
export interface InterfaceAddress {
  readonly interfaceName: string;
  /** In text, canonical, without a zone. */
  readonly address: string;
  readonly prefixLength: number;
}
