/**
 * The flags that MetalLB's processes share, by name and default: log, probes, metrics and their TLS. A program takes those that
 * it reads into its own definitions.
 *
 * @see MetalLB `controller/main.go`, `speaker/main.go`, `internal/tlsconfig`
 */
export const DAEMON_FLAGS = {
  'health-probe-port': { type: 'int', default: 17472, min: 1, max: 65535, help: 'The `port` of /healthz and /readyz' },
  'log-level': {
    type: 'string',
    default: 'info',
    oneOf: ['all', 'debug', 'info', 'warn', 'error', 'none'],
    help: 'The least `level` that is logged: all, debug, info, warn, error or none',
  },
  'metrics-cert-dir': {
    type: 'string',
    help: 'The `directory` of tls.crt and tls.key for the metrics; by default a certificate is made',
  },
  'metrics-plain-http': {
    type: 'bool',
    help: 'Serve the metrics without TLS, so that tokens can be read on the way: for tests',
  },
  port: { type: 'int', default: 9120, min: 0, max: 65535, help: 'The HTTPS `port` of the metrics; 0 for none' },
  'pprof-bind-address': {
    type: 'string',
    help: 'Accepted for MetalLB’s sake; use `node --inspect`',
    notYet: 'Go’s profiler',
  },
  'tls-cipher-suites': { type: 'string', help: 'TLS 1.2 cipher suites, comma-separated' },
  'tls-curve-preferences': { type: 'string', help: 'Numeric curve IDs, comma-separated' },
  'tls-min-version': { type: 'string', help: 'VersionTLS12 or VersionTLS13' },
} as const;
