/** Octets from hex as one writes it by hand: spaces and line ends between them, and `#` or `//` before a comment. */
export function octetsOf(text: string): Uint8Array {
  const hex = text.replaceAll(/(?:#|\/\/).*$/gm, '').replaceAll(/\s/g, '');
  if (!/^(?:[0-9a-f]{2})*$/i.test(hex)) throw new TypeError(`not hex: ${JSON.stringify(hex)}`);
  return Uint8Array.from(hex.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
}

/** A message of a body and a type, with a good header. */
export function messageOf(type: number, body: string | Uint8Array): Uint8Array {
  const octets = typeof body === 'string' ? octetsOf(body) : body;
  const length = 19 + octets.length;
  return Uint8Array.of(...new Array<number>(16).fill(0xff), length >> 8, length & 0xff, type, ...octets);
}

/** An UPDATE of its three fields, with good lengths. */
export function updateOf(withdrawnRoutes: string, pathAttributes: string, nlri: string): Uint8Array {
  const fields = [withdrawnRoutes, pathAttributes].flatMap((field) => {
    const octets = octetsOf(field);
    return [octets.length >> 8, octets.length & 0xff, ...octets];
  });
  return messageOf(2, Uint8Array.of(...fields, ...octetsOf(nlri)));
}
