import type { Trunk } from './trunk.private';

const { userUri }: typeof import('./trunk.private') = require(Runtime.getAssets()['/trunk.js'].path);

/** Where a REFER points: the Refer-To, sorted by who would be dialled. */
export type ReferTarget =
  /** A phone number, with or without `+`. */
  | { readonly kind: 'number'; readonly number: string }
  /** A user at Synthflow's own SIP host, as the URI to dial. */
  | { readonly kind: 'synthflow'; readonly sipUri: string }
  /** Any other SIP host. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'malformed' };

/** A warm transfer's user begins with it (docs.synthflow.ai/asterisk). */
const warmTransferPrefix = '0875704225';
/** A user that means a phone number, whatever the host; visual separators are taken out before (RFC 3966, section 5.1.1). */
const phoneLike = /^\+?\d+$/;

/**
 * Reads Twilio's `ReferTransferTarget`, such as `<sip:+15551234567@host:port>`. Port, parameters and headers of the
 * URI are dropped, since they could steer the new leg; the trunk's own are used. The trunk is `undefined` when its
 * settings are not valid.
 */
export function parseTarget(referTo: string | undefined, trunk: Trunk | undefined): ReferTarget {
  const address = /^(?:"[^"<>]{0,128}"|[^"<>]{0,128}?)\s*<([^<>\s]{1,512})>(?:;[^<>,]*)?$|^([^<>\s]{1,512})$/;
  const found = address.exec(String(referTo).slice(0, 1024).trim());
  const uri = String(found?.[1] ?? found?.[2]);
  const tel = /^tel:(.+)/i.exec(uri)?.[1];
  return tel === undefined ? parseSip(String(/^sips?:(.+)/i.exec(uri)?.[1]), trunk) : parseTel(tel);
}

function parseTel(rest: string): ReferTarget {
  const digits = withoutSeparators(String(/^(\+[\d().-]{7,32})(?:;[^?]*)?$/.exec(rest)?.[1]));
  return phoneLike.test(digits) ? { kind: 'number', number: digits } : { kind: 'malformed' };
}

function parseSip(rest: string, trunk: Trunk | undefined): ReferTarget {
  const found = /^([A-Za-z0-9+%._()-]{1,64})(?:;[^@]*)?@([A-Za-z0-9.-]{1,253})(?::\d{1,5})?(?:[;?][^@]*)?$/.exec(rest);
  // Stryker disable next-line StringLiteral,ArrayDeclaration: what does not match has no user, and any host will do.
  const [, rawUser = '', host = ''] = found ?? [];
  const user = withoutSeparators(rawUser.replace(/%2B/i, '+'));
  if (!/^\+?[A-Za-z0-9._-]+$/.test(user)) return { kind: 'malformed' };
  const sipUri = trunk && ownUri(trunk, host, user);
  if (sipUri !== undefined && (user.startsWith(warmTransferPrefix) || !phoneLike.test(user))) {
    return { kind: 'synthflow', sipUri };
  }
  return phoneLike.test(user) ? { kind: 'number', number: user } : { kind: 'foreign' };
}

/** The URI of this user at the trunk; `undefined` when the host is not one of the trunk's. */
function ownUri(trunk: Trunk, host: string, user: string): string | undefined {
  const own = trunk.hosts.find((known) => known === host.toLowerCase());
  return own && userUri(trunk, own, user);
}

/** The user without separators when it is a number with them, else as it is: `room-7` keeps its name. */
function withoutSeparators(user: string): string {
  return /^\+?[\d().-]+$/.test(user) ? user.replace(/[().-]/g, '') : user;
}
