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
/** A user that means a phone number, whatever the host. */
const phoneLike = /^\+?\d{7,15}$/;

/**
 * Reads Twilio's `ReferTransferTarget`, such as `<sip:+15551234567@host:port>`. Port, parameters and headers of the
 * URI are dropped, since they could steer the new leg; the trunk's own are used. The trunk is `undefined` when its settings are not valid.
 */
export function parseTarget(referTo: string | undefined, trunk: Trunk | undefined): ReferTarget {
  const uri = /^(?:"[^"<>]{0,128}"|[^"<>]{0,128}?)\s*<([^<>\s]{1,512})>$|^([^<>\s]{1,512})$/.exec(referTo ?? '');
  const [, scheme = '', rest = ''] = /^(sips?|tel):(.+)$/i.exec(uri?.[1] ?? uri?.[2] ?? '') ?? [];
  if (scheme.toLowerCase() === 'tel') {
    const number = /^(\+\d{7,15})(?:;[^?]*)?$/.exec(rest)?.[1];
    return number === undefined ? { kind: 'malformed' } : { kind: 'number', number };
  }
  const [, rawUser = '', host = ''] =
    /^([A-Za-z0-9+%._-]{1,64})@([A-Za-z0-9.-]{1,253})(?::\d{1,5})?(?:[;?].*)?$/.exec(rest) ?? [];
  const user = rawUser.replace(/^%2B/i, '+');
  if (!/^\+?[A-Za-z0-9._-]+$/.test(user)) return { kind: 'malformed' };
  const own = trunk?.hosts.find((known) => known === host.toLowerCase());
  if (trunk !== undefined && own !== undefined && (user.startsWith(warmTransferPrefix) || !phoneLike.test(user))) {
    return { kind: 'synthflow', sipUri: userUri(trunk, own, user) };
  }
  return phoneLike.test(user) ? { kind: 'number', number: user } : { kind: 'foreign' };
}
