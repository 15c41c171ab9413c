import { type Trunk, userUri } from '../synthflow/trunk.private';
import { parseAddress } from './address.private';

/** Where a REFER points, sorted by who would be dialled. */
export type ReferTarget =
  /** A phone number, with or without `+`. */
  | { readonly kind: 'number'; readonly number: string }
  /** A user at Synthflow's own SIP host, as the URI to dial. */
  | { readonly kind: 'synthflow'; readonly sipUri: string }
  | { readonly kind: 'refused'; readonly reason: 'host_not_allowed' | 'target_malformed' };

/** The user of a warm transfer begins with it (docs.synthflow.ai/asterisk). */
export const warmTransferPrefix = '0875704225';

/**
 * Reads Twilio's `ReferTransferTarget`, such as `<sip:+15550100142@host:port>`. Port, parameters and headers of the
 * URI are dropped, since they could steer the new leg; the trunk's own are used. `trunk` is `undefined` when its
 * settings are not valid.
 */
export function parseTarget(referTo: string | undefined, trunk: Trunk | undefined): ReferTarget {
  const address = parseAddress(String(referTo).slice(0, 1024).trim());
  if (address.kind === 'number') return { kind: 'number', number: address.number };
  if (address.kind !== 'sip' || !/^\+?[A-Za-z0-9._-]{1,64}$/.test(address.user)) {
    return { kind: 'refused', reason: 'target_malformed' };
  }
  const { user, host } = address;
  const isNumber = /^\+?\d+$/.test(user);
  const own = trunk?.hosts.find(({ name }) => name === host);
  if (trunk && own && (!isNumber || user.startsWith(warmTransferPrefix))) {
    return { kind: 'synthflow', sipUri: userUri(trunk, own, user) };
  }
  return isNumber ? { kind: 'number', number: user } : { kind: 'refused', reason: 'host_not_allowed' };
}
