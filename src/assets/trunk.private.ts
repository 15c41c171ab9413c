/** Where a Synthflow workspace lives. Its API key is refused by the other regions. */
export type Region = 'global' | 'us' | 'eu';

/** API base and SIP host of each region (docs.synthflow.ai/forward-calls-to-sip-trunk). */
export const regions: Readonly<Record<Region, { readonly apiUrl: string; readonly sipHost: string }>> = {
  global: { apiUrl: 'https://api.synthflow.ai/v2', sipHost: 'sipin.synthflow.ai' },
  us: { apiUrl: 'https://api.us.synthflow.ai/v2', sipHost: 'sip.us.synthflow.ai' },
  eu: { apiUrl: 'https://api.eu.synthflow.ai/v2', sipHost: 'sip.eu.synthflow.ai' },
};

/** The termination of Synthflow's SIP trunk. */
export interface Trunk {
  readonly host: string;
  readonly port: number;
  /** `undefined` is UDP, Twilio's default. */
  readonly transport: 'udp' | 'tcp' | 'tls' | undefined;
  /** Whether the audio is encrypted. */
  readonly srtp: boolean;
}

/** What the SIP header `X-EI` may carry, by its letters (docs.synthflow.ai/x-ei-sip-header). */
export interface ExternalIds {
  /** `S.`: the prepared call. */
  readonly synthflowCallId: string;
  /** `E.`: our id of the call, so that both systems' records can be joined. */
  readonly callSid: string | undefined;
  /** `O.`: the number that diverted the call. */
  readonly forwardedFrom: string | undefined;
}

/** Twilio refuses a SIP URI of 255 characters or more (error 21227). */
const uriLimit = 255;

/**
 * The SIP URI that dials the trunk. The value of X-EI is percent-encoded once, because a bare `;` is no part of a
 * header in a SIP URI (RFC 3261, section 25.1; Twilio warning 32110); Twilio decodes it before it sends the INVITE.
 * A token that would make the URI too long is left out, from the last; `S.` always fits, because a host has at most 113 characters.
 */
export function trunkUri(trunk: Trunk, number: string, ids: ExternalIds): string {
  const transport = trunk.transport === undefined ? '' : `;transport=${trunk.transport}`;
  const target = `sip:${number}@${trunk.host}:${trunk.port}${transport}${trunk.srtp ? ';secure=true' : ''}`;
  const tokens = [`S.${ids.synthflowCallId};`];
  if (ids.callSid !== undefined) tokens.push(`E.${ids.callSid};`);
  if (ids.forwardedFrom !== undefined) tokens.push(`O.${ids.forwardedFrom};`);
  return tokens
    .map((token) => encodeURIComponent(token))
    .reduce((uri, token) => (uri.length + token.length < uriLimit ? uri + token : uri), `${target}?X-EI=`);
}

/**
 * The number to dial for a called address: a phone number, bare or as the user of a `sip:` URI.
 * `undefined` for anything else, which no trunk can route.
 */
export function dialable(address: string): string | undefined {
  const [, bare, user] = /^(?:(\+?\d{3,15})|sips?:(\+?\d{3,15})@.*)$/.exec(address) ?? [];
  return bare ?? user;
}
