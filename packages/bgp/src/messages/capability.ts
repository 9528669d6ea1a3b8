import type { AfiSafi } from './address-family.ts';

/** A capability of RFC 5492, as one side of a session has it. */
export type Capability =
  /** 1, RFC 4760. */
  | ({ readonly type: 'multiprotocol' } & AfiSafi)
  /** 2, RFC 2918. */
  | { readonly type: 'route-refresh' }
  /** 5, RFC 8950: next hops of another family. */
  | {
      readonly type: 'extended-next-hop';
      readonly families: readonly (AfiSafi & { readonly nextHopAfi: number })[];
    }
  /** 6, RFC 8654. */
  | { readonly type: 'extended-message' }
  /** 9, RFC 9234: 0 provider, 1 RS, 2 RS-client, 3 customer, 4 peer. */
  | { readonly type: 'role'; readonly role: number }
  /** 64, RFC 4724; the N bit of RFC 8538. */
  | {
      readonly type: 'graceful-restart';
      readonly restarting: boolean;
      readonly notification: boolean;
      /** 0 to 4095. */
      readonly restartTimeSeconds: number;
      readonly families: readonly (AfiSafi & { readonly forwardingPreserved: boolean })[];
    }
  /** 65, RFC 6793. */
  | { readonly type: 'four-octet-asn'; readonly asn: number }
  /** 69, RFC 7911. */
  | {
      readonly type: 'add-path';
      readonly families: readonly (AfiSafi & { readonly send: boolean; readonly receive: boolean })[];
    }
  /** 70, RFC 7313. */
  | { readonly type: 'enhanced-route-refresh' }
  /** 71, RFC 9494. */
  | {
      readonly type: 'long-lived-graceful-restart';
      readonly families: readonly (AfiSafi & {
        readonly forwardingPreserved: boolean;
        /** 0 to 16,777,215. */
        readonly staleTimeSeconds: number;
      })[];
    }
  /** 73, draft-walton-bgp-hostname-capability. */
  | { readonly type: 'fqdn'; readonly hostName: string; readonly domainName: string }
  /** 75, draft-abraitis-bgp-version-capability. */
  | { readonly type: 'software-version'; readonly version: string }
  /** 128: Cisco's route refresh, before RFC 2918. */
  | { readonly type: 'cisco-route-refresh' }
  /** Any other, or one of those above whose value cannot be read: kept as it came. */
  | { readonly type: 'unknown'; readonly code: number; readonly value: Uint8Array };
