/** Octets as two digits each, with nothing between them. */
export function hexadecimal(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += octet.toString(16).padStart(2, '0');
  return text;
}
