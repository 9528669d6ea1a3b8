/** What a client may take of us. Anyone who reaches the port is a client: the API server does not show who it is. */
export interface WebhookLimits {
  /** Over it, whoever has asked nothing yet goes first, then the slowest, then who idles longest. */
  readonly maxConnections: number;
  /** Begun and not answered, on all connections; with HTTP/2 and pipelining a connection may have many. */
  readonly maxRequests: number;
  /** From the connection's first octet to the end of the first request's head, the TLS handshake included. */
  readonly headTimeoutMs: number;
  /** From the end of a request's head to the end of its body. */
  readonly bodyTimeoutMs: number;
  /** For the judgement itself: after that the answer is an error that says so, while the API server still listens. */
  readonly reviewTimeoutMs: number;
  /** From the end of the body until the answer has been taken, waiting for other reviews included. */
  readonly answerTimeoutMs: number;
  /** Between two requests. */
  readonly idleTimeoutMs: number;
  /** Of a request to a validating webhook. */
  readonly maxReviewOctets: number;
  /** Of a request for conversion: a list is converted in one piece, however many objects it has. */
  readonly maxConversionOctets: number;
  /** Of all bodies that are being read or worked on: over it, the slowest goes. */
  readonly maxOctetsInAll: number;
  /** Worked on at a time; the others wait. */
  readonly maxConcurrentReviews: number;
}

const MEBI_OCTETS = 1024 * 1024;

export const DEFAULT_WEBHOOK_LIMITS: WebhookLimits = {
  maxConnections: 512,
  maxRequests: 2048,
  headTimeoutMs: 10_000,
  // The API server itself gives up after a webhook's timeoutSeconds, which is 10 unless said.
  bodyTimeoutMs: 10_000,
  reviewTimeoutMs: 9_000,
  answerTimeoutMs: 15_000,
  // Go's http.DefaultTransport gives an idle connection up after 90 s. If that is the side that closes, no request is lost.
  idleTimeoutMs: 120_000,
  // controller-runtime pkg/webhook/admission/http.go: two objects of at most 3 MB, and less than 1 MB around them.
  maxReviewOctets: 7 * MEBI_OCTETS,
  maxConversionOctets: 32 * MEBI_OCTETS,
  maxOctetsInAll: 64 * MEBI_OCTETS,
  maxConcurrentReviews: 16,
};
