/**
 * Certificates for HTTPS servers: made, kept valid, reloaded when they change.
 *
 * @packageDocumentation
 */
export {};
