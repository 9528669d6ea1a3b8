/** RFC 4271, section 4.2. */
export const BGP_VERSION = 4;

/** Where the fields of an OPEN are, from the first octet of the message: RFC 4271, section 4.2. */
export const OPEN_OFFSET = {
  version: 19,
  myAutonomousSystem: 20,
  holdTime: 22,
  bgpIdentifier: 24,
  parametersLength: 28,
  parameters: 29,
} as const;

/** RFC 5492, section 4. */
export const PARAMETER_TYPE_CAPABILITIES = 2;

/** In the place of the first parameter's type, and of the length before it: lengths have two octets. RFC 9072, section 2. */
export const EXTENDED_LENGTH = 255;
