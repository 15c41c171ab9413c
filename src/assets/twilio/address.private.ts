/** A phone number in E.164, the only form that Twilio documents for every country. */
export const e164 = /^\+[1-9]\d{6,14}$/;

/** Digits, read as a phone number. */
interface PhoneNumber {
  readonly number: string;
  /** Whether the plus is ours: in national form, the same digits are a number in another country. */
  readonly isGuessed: boolean;
  /** The digits as they were sent. */
  readonly sent: string;
}

/** An address as Twilio sends it: in `From`, `To` or `ForwardedFrom`. */
export type Address =
  /** A phone number: in E.164 where it has enough digits, else as dialled, such as `4711`. */
  | (PhoneNumber & { readonly kind: 'number'; readonly via: 'phone' | 'sip' | 'whatsapp' })
  /** A SIP user that isn't a phone number in E.164; the host is in lower case. */
  | { readonly kind: 'sip'; readonly user: string; readonly host: string }
  | { readonly kind: 'client'; readonly name: string }
  /** A caller who hides the number. */
  | { readonly kind: 'hidden' }
  /** Anything else, or nothing. */
  | { readonly kind: 'unreadable' };

/** A user, with a password or parameters, a host with a port, and what follows (RFC 3261, section 25.1). */
const sipUri =
  /^sips?:([^@:;?]{1,256})(?::[^@;?]*)?(?:;[^@]*)?@([\w.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?(?:[;?].*)?$/i;

/** `"Bob" <sip:…>` or `<tel:…>`: a name-addr of RFC 3261, section 25.1. */
const nameAddress = /^(?:"[^"<>]{0,128}"\s{0,8}|[^"<>]{0,128})<((?:sips?|tel):[^<>\s]{1,512})>(?:;[^<>,]*)?$/i;

/** Reads an address. Never throws; every part of the bridge that looks at an address goes through here. */
export function parseAddress(text: string): Address {
  const bare = parseNumber(text);
  if (bare !== undefined) return { kind: 'number', ...bare, via: 'phone' };
  const whatsapp = parseNumber(/^whatsapp:(.+)/i.exec(text)?.[1]);
  if (whatsapp !== undefined) return { kind: 'number', ...whatsapp, via: 'whatsapp' };
  const name = /^client:([^\s]{1,256})$/i.exec(text)?.[1];
  if (name !== undefined) return { kind: 'client', name };
  return parseUri(nameAddress.exec(text)?.[1] ?? text);
}

/** What hidden callers send instead of a number: also as the user of a SIP address (RFC 3323, section 4.1.1.3). */
const hiddenWord = /^(anonymous|restricted|unavailable|unknown|private|withheld|blocked|)$/i;

/** The same words on the letters of a keypad, as Twilio sends some of them. */
const hiddenNumber = /^\+?(266696687|7378742833|2562533|8656696|86282452253|7748283|94844353)$/;

/** Reads the address of a caller, or of a phone that diverted the call; either may hide its number. Never throws. */
export function parseCaller(text: string): Address {
  const address = parseAddress(readUser(text.trim()));
  const isHidden =
    address.kind === 'number'
      ? hiddenNumber.test(address.number)
      : hiddenWord.test(text.trim()) || isAnonymous(address, text);
  return isHidden ? { kind: 'hidden' } : address;
}

function isAnonymous(address: Address, text: string): boolean {
  if (address.kind === 'sip') return hiddenWord.test(address.user) || address.host === 'anonymous.invalid';
  if (address.kind === 'client') return /^anonymous$/i.test(address.name);
  return /\banonymous\b/i.test(text);
}

function parseUri(text: string): Address {
  const tel = parseNumber(readUser(/^tel:([^;?]+)/i.exec(text)?.[1] ?? ''));
  if (tel !== undefined) return { kind: 'number', ...tel, via: 'phone' };
  const found = sipUri.exec(text);
  if (found === null) return { kind: 'unreadable' };
  const [, rawUser = '', host = ''] = found;
  const user = readUser(rawUser);
  const number = parseNumber(user);
  if (number !== undefined && e164.test(number.number)) return { kind: 'number', ...number, via: 'sip' };
  return { kind: 'sip', user, host: host.toLowerCase() };
}

/** The user of a URI, unescaped (RFC 3261, 19.1.2); of a number, without visual separators (RFC 3966, 5.1.1). */
function readUser(text: string): string {
  // Only what is printable in ASCII: anything else keeps its escapes.
  const user = text.replace(/%([2-7][0-9a-f])/gi, (_escape, code) => String.fromCharCode(Number.parseInt(code, 16)));
  return /^[+\d\s().-]+$/.test(user) ? user.replace(/[\s().-]/g, '') : user;
}

/** The number that digits stand for: in E.164, whether or not the plus was sent, or as dialled if they are too few. */
function parseNumber(text = ''): PhoneNumber | undefined {
  // What people dial before the country, in most of the world and in North America.
  const international = /^(?:\+|00|011)([1-9]\d{6,14})$/.exec(text)?.[1];
  // In some countries, these are the first digits of national numbers, such as Leeds' 0113.
  const isGuessed = !text.startsWith('+');
  if (international !== undefined) return { number: `+${international}`, isGuessed, sent: text };
  if (!/^\+?\d{3,15}$/.test(text)) return undefined;
  return e164.test(`+${text}`)
    ? { number: `+${text}`, isGuessed: true, sent: text }
    : { number: text, isGuessed: false, sent: text };
}

/** Digits of a number that are the same in national and in international form. */
const commonDigits = 9;

/** Whether these are one phone, however each is written: `+15550100190`, `5550100190`, `05550100190`. */
export function isSameNumber(one: string, other: string): boolean {
  const [a = '', b = ''] = [one, other].map((number) => number.replace(/\D/g, '').slice(-commonDigits));
  return one === other || (a === b && a.length === commonDigits);
}

/** The address as a key of the number table, the same however it was written; empty for what can't be a key. */
export function addressKey(address: Address): string {
  if (address.kind === 'number') return address.number;
  if (address.kind === 'sip') return `sip:${address.user}@${address.host}`;
  return address.kind === 'client' ? `client:${address.name}` : '';
}

/** The number to dial at Synthflow for a called address; `undefined` for what no trunk can route. */
export function dialableNumber(address: Address): string | undefined {
  return numberIn(address) ?? ('user' in address ? parseNumber(address.user)?.number : undefined);
}

/** The phone number in an address; `undefined` where there is none. */
export function numberIn(address: Address): string | undefined {
  return 'number' in address ? address.number : undefined;
}

/** The phone number in E.164 that an address names; `undefined` where it's none, a placeholder, or partly a guess. */
export function knownNumber(address: Address): string | undefined {
  if (address.kind !== 'number' || address.isGuessed || hiddenNumber.test(address.number)) return undefined;
  return e164.test(address.number) ? address.number : undefined;
}

/**
 * Masks an address for a log; `address` is the text as it was read. A phone number keeps its last four digits, the
 * fixed words and numbers of hidden callers stay, anything else keeps only its scheme.
 */
export function maskAddress(text: string, address = parseCaller(text)): string {
  if (address.kind === 'hidden') return /^\+?\w*$/.test(text) ? text : 'anonymous';
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
