/** A phone number in E.164, the only form that Twilio documents for every country. */
export const e164 = /^\+[1-9]\d{6,14}$/;

/**
 * The number to dial for a called address: a phone number, bare or as the user of a `sip:` URI.
 * `undefined` for anything else, which no trunk can route.
 */
export function dialableNumber(address: string): string | undefined {
  const bare = /^\+?\d{3,15}$/.exec(address)?.[0];
  const user = /^sips?:(\+?\d{3,15})@/.exec(address)?.[1];
  return bare ?? user;
}

/**
 * Masks an address for a log: a phone number keeps its last four digits, the fixed words for hidden callers stay,
 * anything else keeps only its scheme.
 */
export function maskAddress(address: string): string {
  if (/^(anonymous|restricted|unavailable|unknown|)$/i.test(address)) return address;
  const scheme = /^(client|sips?|tel):/.exec(address)?.[0] ?? '';
  const number = /^\+?\d{7,}(?=@|$)/.exec(address.slice(scheme.length))?.[0] ?? '';
  return `${scheme}…${number.slice(-4)}`;
}
