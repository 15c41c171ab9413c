/** A phone number in E.164, the only form that Twilio documents for every country. */
export const e164 = /^\+[1-9]\d{6,14}$/;

/** An address as Twilio sends it: in `From`, `To` or `ForwardedFrom`. */
export type Address =
  /** A phone number: in E.164 where it has enough digits, else as dialled, such as `4711`. */
  | { readonly kind: 'number'; readonly number: string; readonly via: 'phone' | 'sip' | 'whatsapp' }
  /** A SIP user that isn't a phone number in E.164; the host is in lower case. */
  | { readonly kind: 'sip'; readonly user: string; readonly host: string }
  | { readonly kind: 'client'; readonly name: string }
  /** A caller who hides the number. */
  | { readonly kind: 'hidden' }
  /** Anything else, or nothing. */
  | { readonly kind: 'unreadable' };

/** `From` of hidden callers: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE, as letters of a keypad. */
const placeholders: ReadonlySet<string> = new Set([
  '+266696687',
  '+7378742833',
  '+2562533',
  '+8656696',
  '+86282452253',
]);

/** A user with parameters, a host with a port, and what follows (RFC 3261, section 25.1). */
const sipUri = /^sips?:([^@:;?]{1,256})(?:;[^@]*)?@([A-Za-z0-9.-]{1,253})(?::\d{1,5})?(?:[;?].*)?$/i;

/** `"Bob" <sip:…>` or `<tel:…>`: a name-addr of RFC 3261, section 25.1. */
const nameAddress = /^(?:"[^"<>]{0,128}"|[^"<>]{0,128}?)\s*<((?:sips?|tel):[^<>\s]{1,512})>(?:;[^<>,]*)?$/i;

/** Reads an address. Never throws; every part of the bridge that looks at an address goes through here. */
export function parseAddress(text: string): Address {
  if (/^(anonymous|restricted|unavailable|unknown)$/i.test(text) || placeholders.has(text)) return { kind: 'hidden' };
  const bare = parseNumber(text);
  if (bare !== undefined) return { kind: 'number', number: bare, via: 'phone' };
  const whatsapp = parseNumber(/^whatsapp:(.+)/i.exec(text)?.[1]);
  if (whatsapp !== undefined) return { kind: 'number', number: whatsapp, via: 'whatsapp' };
  const name = /^client:([^\s]{1,256})$/i.exec(text)?.[1];
  if (name !== undefined) return { kind: 'client', name };
  return parseUri(nameAddress.exec(text)?.[1] ?? text);
}

function parseUri(text: string): Address {
  const tel = parseNumber(readUser(/^tel:([^;?]+)/i.exec(text)?.[1] ?? ''));
  if (tel !== undefined) return { kind: 'number', number: tel, via: 'phone' };
  const found = sipUri.exec(text);
  if (found === null) return { kind: 'unreadable' };
  const [, rawUser = '', host = ''] = found;
  const user = readUser(rawUser);
  const number = parseNumber(user) ?? user;
  if (e164.test(number)) return { kind: 'number', number, via: 'sip' };
  return { kind: 'sip', user, host: host.toLowerCase() };
}

/** The user of a SIP or tel URI, unescaped (RFC 3261, 19.1.2); a number has no visual separators (RFC 3966, 5.1.1). */
function readUser(text: string): string {
  // Only what is printable in ASCII: anything else keeps its escapes.
  const user = text.replace(/%([2-7][0-9a-f])/gi, (_escape, code) => String.fromCharCode(Number.parseInt(code, 16)));
  return /^\+?[\d().-]+$/.test(user) ? user.replace(/[().-]/g, '') : user;
}

/** The number that digits stand for: in E.164, whether or not the plus was sent, or as dialled if they are too few. */
function parseNumber(text: string | undefined): string | undefined {
  const digits = /^\+?(\d{3,15})$/.exec(text ?? '')?.[1];
  if (digits === undefined) return undefined;
  return e164.test(`+${digits}`) ? `+${digits}` : text;
}

/** The address as a key of the number table, the same however it was written; empty for what can't be a key. */
export function addressKey(address: Address): string {
  if (address.kind === 'number') return address.number;
  if (address.kind === 'sip') return `sip:${address.user}@${address.host}`;
  return address.kind === 'client' ? `client:${address.name}` : '';
}

/** The number to dial at Synthflow for a called address; `undefined` for what no trunk can route. */
export function dialableNumber(address: Address): string | undefined {
  return numberIn(address) ?? ('user' in address ? parseNumber(address.user) : undefined);
}

/** The phone number in an address; `undefined` where there is none. */
export function numberIn(address: Address): string | undefined {
  return 'number' in address ? address.number : undefined;
}

/**
 * Masks an address for a log; `address` is the text as it was read. A phone number keeps its last four digits, the
 * fixed words for hidden callers stay, anything else keeps only its scheme.
 */
export function maskAddress(text: string, address = parseAddress(text)): string {
  if (address.kind === 'hidden' || text === '') return text;
  if (address.kind !== 'number') return address.kind === 'unreadable' ? '…' : `${address.kind}:…`;
  const scheme = address.via === 'phone' ? '' : `${address.via}:`;
  return e164.test(address.number) ? `${scheme}…${address.number.slice(-4)}` : `${scheme}…`;
}

/** Callers whom an owner may refuse: a number in E.164, all that begin alike, such as `+1900*`, or who hide theirs. */
export const refusable = /^(anonymous|\+[1-9]\d{6,14}|\+[1-9]\d{0,13}\*)$/;

/** Whether the owner doesn't take this caller, whatever the kind of address that has the number. */
export function isRefused(caller: Address, refused: readonly string[]): boolean {
  if (caller.kind === 'hidden') return refused.includes('anonymous');
  if (caller.kind !== 'number') return false;
  const { number } = caller;
  return refused.some((one) => (one.endsWith('*') ? number.startsWith(one.slice(0, -1)) : number === one));
}
