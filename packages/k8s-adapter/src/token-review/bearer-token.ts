/** A ServiceAccount's token has about 1 kB, an OIDC one with many groups several. */
const MAX_TOKEN_LENGTH = 16 * 1024;

/** RFC 6750, section 2.1: `token68` of RFC 9110, section 11.2, after the scheme, whose case does not matter. */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * The token of an `Authorization` header; undefined where there is none, or something that no API server ever gave out. It is
 * never sent anywhere then: a malformed token is nobody's, which is 401 and no reason to ask.
 */
export function parseBearerToken(header: string | undefined): string | undefined {
  if (header === undefined || header.length > MAX_TOKEN_LENGTH + 64) return undefined;
  const token = BEARER.exec(header.trim())?.[1];
  return token === undefined || token.length > MAX_TOKEN_LENGTH ? undefined : token;
}
