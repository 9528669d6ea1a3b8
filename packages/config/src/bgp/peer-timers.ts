import { goQuote } from '@steelyard/ipam';
import { formatGoDuration, parseGoDuration } from '../go/duration.ts';
import type { UntrustedObject } from '../objects/untrusted.ts';
import type { Finding } from '../problem/problem.ts';

/** The timers of a peer, in the units that BGP counts in. */
export interface PeerTimers {
  readonly holdTimeSeconds?: number | undefined;
  readonly keepaliveTimeMs?: number | undefined;
  readonly connectTimeSeconds?: number | undefined;
}

const SECOND = 1_000_000_000n;
const MILLISECOND = 1_000_000n;
/** What BGP's Hold Time has room for (RFC 4271, section 4.2), and FRR's timers. */
const MOST_SECONDS = 65535n;
const HOLD_REMEDY = 'write 0s, or 3s to 65535s';
const KEEPALIVE_REMEDY = 'write a third of the hold time, or leave it out';
const CONNECT_REMEDY = 'write whole seconds: 1s to 65535s';

/**
 * Reads `holdTime`, `keepaliveTime` and `connectTime`. Of hold time and keepalive time each follows from the other.
 *
 * @param prefix - What MetalLB says before its messages about the first two.
 * @see MetalLB `internal/config/config.go`, `parseTimers`, and the rules of the CRD for `connectTime`
 */
export function readPeerTimers(spec: UntrustedObject, prefix: string, report: (finding: Finding) => void): PeerTimers {
  const invalid = (field: string, message: string, remedy: string): void => {
    report({ field: `spec.${field}`, value: spec[field], code: 'ERR_CONFIG_INVALID_VALUE', message, remedy });
  };
  const read = (field: string): bigint | 'unreadable' | undefined => {
    const text = spec[field];
    if (text === undefined) {
      return undefined;
    }
    if (typeof text !== 'string') {
      return 'unreadable'; // the schema's finding says so already
    }
    const duration = parseGoDuration(text);
    if (duration.ok) {
      return duration.nanoseconds;
    }
    invalid(field, `${prefix}${duration.message}`, 'write a duration such as 90s or 1m30s');
    return 'unreadable';
  };
  const [hold, keepalive, connect] = [read('holdTime'), read('keepaliveTime'), read('connectTime')];
  return {
    ...(hold === 'unreadable' || keepalive === 'unreadable' ? {} : readHoldAndKeepalive(hold, keepalive)),
    ...(connect === 'unreadable' || connect === undefined ? {} : readConnectTime(connect)),
  };

  function readHoldAndKeepalive(ht: bigint | undefined, ka: bigint | undefined): PeerTimers {
    if (ht === undefined && ka === undefined) {
      return {};
    }
    const holdTime = ht ?? (ka ?? 0n) * 3n;
    const keepaliveTime = ka ?? holdTime / 3n;
    const shown = (given: bigint | undefined): string =>
      given === undefined ? '<nil>' : goQuote(formatGoDuration(given));
    const seconds = holdTime / SECOND;
    if (seconds !== 0n && seconds < 3n) {
      const field = ht === undefined ? 'keepaliveTime' : 'holdTime';
      invalid(field, `${prefix}invalid BGPPeer timers: invalid hold time ${shown(ht)}: must be 0 or >=3s`, HOLD_REMEDY);
      return {};
    }
    if (keepaliveTime > holdTime) {
      const words = `invalid keepaliveTime ${shown(ka)}, must be lower than holdTime ${shown(ht)}`;
      invalid('keepaliveTime', `${prefix}invalid BGPPeer timers: ${words}`, KEEPALIVE_REMEDY);
      return {};
    }
    if (keepaliveTime < 0n) {
      report({
        field: 'spec.keepaliveTime',
        value: formatGoDuration(keepaliveTime),
        code: 'ERR_CONFIG_INVALID_VALUE',
        message: `${prefix}invalid BGPPeer timers: invalid keepaliveTime ${shown(keepaliveTime)}, must not be negative`,
        remedy: KEEPALIVE_REMEDY,
        refusedByMetalLb: false,
      });
      return {};
    }
    if (seconds > MOST_SECONDS) {
      report({
        severity: 'warning',
        field: ht === undefined ? 'spec.keepaliveTime' : 'spec.holdTime',
        value: formatGoDuration(holdTime),
        code: 'ERR_CONFIG_INVALID_VALUE',
        message: `${prefix}BGP has no hold time as long as ${formatGoDuration(holdTime)}: it is ${MOST_SECONDS}s`,
        remedy: HOLD_REMEDY,
      });
    }
    const holdTimeSeconds = seconds > MOST_SECONDS ? MOST_SECONDS : seconds;
    const longest = holdTimeSeconds * SECOND;
    return {
      holdTimeSeconds: Number(holdTimeSeconds),
      keepaliveTimeMs: Number((keepaliveTime < longest ? keepaliveTime : longest) / MILLISECOND),
    };
  }

  function readConnectTime(nanoseconds: bigint): PeerTimers {
    const seconds = nanoseconds / SECOND;
    if (seconds < 1n || seconds > MOST_SECONDS) {
      invalid('connectTime', `${prefix}connect time should be between 1 seconds to 65535`, CONNECT_REMEDY);
      return {};
    }
    if ((nanoseconds / MILLISECOND) % 1000n !== 0n) {
      invalid('connectTime', `${prefix}connect time should contain a whole number of seconds`, CONNECT_REMEDY);
      return {};
    }
    return { connectTimeSeconds: Number(seconds) };
  }
}
