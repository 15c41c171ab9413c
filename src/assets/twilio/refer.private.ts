import { type Trunk, userUri } from '../synthflow/trunk.private';
import { readUser } from './address.private';

/** Where a REFER points, sorted by who would be dialled. */
export type ReferTarget =
  /** A phone number, with or without `+`. */
  | { readonly kind: 'number'; readonly number: string }
  /** A user at Synthflow's own SIP host, as the URI to dial. */
  | { readonly kind: 'synthflow'; readonly sipUri: string }
  /** Any other SIP host. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'malformed' };

/** The user of a warm transfer begins with it (docs.synthflow.ai/asterisk). */
const warmTransferPrefix = '0875704225';
/** A user that means a phone number, whatever the host. */
const phoneLike = /^\+?\d+$/;
/** `"Sales" <sip:…>;parameter` or `Sales <sip:…>`: a name-addr of RFC 3261, section 25.1. */
const nameAddress = /^(?:"[^"<>]{0,128}"|[^"<>]{0,128}?)\s*<([^<>\s]{1,512})>(?:;[^<>,]*)?$/;
/** `sip:…` alone: an addr-spec of the same section. */
const bareAddress = /^([^<>\s]{1,512})$/;

/**
 * Reads Twilio's `ReferTransferTarget`, such as `<sip:+15550100142@host:port>`. Port, parameters and headers of the
 * URI are dropped, since they could steer the new leg; the trunk's own are used. `trunk` is `undefined` when its
 * settings are not valid.
 */
export function parseTarget(referTo: string | undefined, trunk: Trunk | undefined): ReferTarget {
  const text = referTo?.slice(0, 1024).trim();
  const uri = nameAddress.exec(text ?? '')?.[1] ?? bareAddress.exec(text ?? '')?.[1];
  // Stryker disable next-line ConditionalExpression: undefined is neither kind of URI.
  if (uri === undefined) return { kind: 'malformed' };
  return /^tel:/i.test(uri) ? parseTel(uri) : parseSip(uri, trunk);
}

function parseTel(uri: string): ReferTarget {
  const subscriber = /^tel:([\d+%A-F().-]{7,64})(?:;[^?]*)?$/i.exec(uri)?.[1];
  // Stryker disable next-line StringLiteral: any text that isn't a number would do.
  const number = readUser(subscriber ?? '');
  return phoneLike.test(number) ? { kind: 'number', number } : { kind: 'malformed' };
}

/** A user, a host, and what is dropped: parameters, port and headers. */
const sipAddress = /^sips?:([A-Za-z0-9+%._()-]{1,64})(?:;[^@]*)?@([A-Za-z0-9.-]{1,253})(?::\d{1,5})?(?:[;?][^@]*)?$/i;

function parseSip(uri: string, trunk: Trunk | undefined): ReferTarget {
  const found = sipAddress.exec(uri);
  // Stryker disable next-line StringLiteral,ArrayDeclaration: without a match there's no user, and the host doesn't matter.
  const [, rawUser = '', host = ''] = found ?? [];
  const user = readUser(rawUser);
  if (!/^\+?[A-Za-z0-9._-]+$/.test(user)) return { kind: 'malformed' };
  const isNumber = phoneLike.test(user) && !user.startsWith(warmTransferPrefix);
  const sipUri = trunk && synthflowUri(trunk, host.toLowerCase(), user);
  if (sipUri !== undefined && !isNumber) return { kind: 'synthflow', sipUri };
  return phoneLike.test(user) ? { kind: 'number', number: user } : { kind: 'foreign' };
}

/** The URI of this user at the trunk; `undefined` when the host isn't one of the trunk's. */
function synthflowUri(trunk: Trunk, host: string, user: string): string | undefined {
  const own = trunk.hosts.find(({ name }) => name === host);
  return own && userUri(trunk, own, user);
}
