import type { DialAttributes } from './settings.private';

/** Where a Synthflow workspace lives. Its API key is refused by the other regions. */
export type Region = 'global' | 'us' | 'eu';

/** API base and SIP hosts of each region; the first host is dialled (docs.synthflow.ai/forward-calls-to-sip-trunk). */
export const regions: Readonly<
  Record<Region, { readonly apiUrl: string; readonly sipHosts: readonly [string, ...string[]] }>
> = {
  // Newer pages of the documents name the second host, so transfers may come back from it.
  global: { apiUrl: 'https://api.synthflow.ai/v2', sipHosts: ['sipin.synthflow.ai', 'sip.synthflow.ai'] },
  us: { apiUrl: 'https://api.us.synthflow.ai/v2', sipHosts: ['sip.us.synthflow.ai'] },
  eu: { apiUrl: 'https://api.eu.synthflow.ai/v2', sipHosts: ['sip.eu.synthflow.ai'] },
};

/** The termination of Synthflow's SIP trunk. */
export interface Trunk {
  /** In lower case; the first is dialled, the others are the same trunk under another name. */
  readonly hosts: readonly [string, ...string[]];
  readonly port: number;
  /** `undefined` is UDP, Twilio's default. */
  readonly transport: 'udp' | 'tcp' | 'tls' | undefined;
  /** Whether the audio is encrypted. */
  readonly srtp: boolean;
}

/** All that a Dial to the agent needs. */
export interface Destination {
  readonly trunk: Trunk;
  /** The number to dial at Synthflow. */
  readonly number: string;
  readonly ringSeconds: number;
  readonly attributes: DialAttributes;
}

/** What the SIP header `X-EI` may carry, by its letters (docs.synthflow.ai/x-ei-sip-header). */
export interface ExternalIds {
  /** `S.`: the prepared call; `undefined` when the trunk is dialled without one. */
  readonly synthflowCallId: string | undefined;
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
  const { synthflowCallId, callSid, forwardedFrom } = ids;
  const tokens = [
    ...(synthflowCallId === undefined ? [] : [`S.${synthflowCallId};`]),
    ...(callSid === undefined ? [] : [`E.${callSid};`]),
    ...(forwardedFrom === undefined ? [] : [`O.${forwardedFrom};`]),
  ];
  const bare = userUri(trunk, trunk.hosts[0], number);
  const uri = tokens
    .map((token) => encodeURIComponent(token))
    .reduce((known, token) => (known.length + token.length < uriLimit ? known + token : known), `${bare}?X-EI=`);
  return uri.endsWith('=') ? bare : uri;
}

/** The SIP URI of a user at one of the trunk's hosts, with the trunk's port, transport and encryption. */
export function userUri(trunk: Trunk, host: string, user: string): string {
  const transport = trunk.transport === undefined ? '' : `;transport=${trunk.transport}`;
  return `sip:${user}@${host}:${trunk.port}${transport}${trunk.srtp ? ';secure=true' : ''}`;
}

/**
 * The number to dial for a called address: a phone number, bare or as the user of a `sip:` URI.
 * `undefined` for anything else, which no trunk can route.
 */
export function dialable(address: string): string | undefined {
  // Stryker disable next-line ArrayDeclaration: only the second and the third are looked at.
  const [, bare, user] = /^(?:(\+?\d{3,15})|sips?:(\+?\d{3,15})@.*)$/.exec(address) ?? [];
  return bare ?? user;
}
