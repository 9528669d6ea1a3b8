/**
 * The first octet of every message and layer.
 *
 * @see hashicorp/memberlist `net.go`
 */
export const MESSAGE_TYPE: {
  readonly ping: 0;
  readonly indirectPing: 1;
  readonly ack: 2;
  readonly suspect: 3;
  readonly alive: 4;
  readonly dead: 5;
  readonly pushPull: 6;
  readonly compound: 7;
  readonly user: 8;
  readonly compress: 9;
  readonly encrypt: 10;
  readonly nack: 11;
  readonly checksum: 12;
  readonly error: 13;
  readonly label: 244;
} = {
  ping: 0,
  indirectPing: 1,
  ack: 2,
  suspect: 3,
  alive: 4,
  dead: 5,
  pushPull: 6,
  compound: 7,
  user: 8,
  compress: 9,
  encrypt: 10,
  nack: 11,
  checksum: 12,
  error: 13,
  label: 244,
};
