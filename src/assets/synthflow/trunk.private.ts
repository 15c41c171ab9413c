import type VoiceResponse from 'twilio/lib/twiml/VoiceResponse';
import { type ExternalIds, writeXEi } from './x-ei.private';

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

/** From where Twilio sends a SIP call; by default from Virginia (twilio.com/docs/voice/twiml/sip). */
export type SipRegion = 'us1' | 'us2' | 'ie1' | 'de1' | 'sg1' | 'jp1' | 'br1' | 'au1';

/** A SIP host of Synthflow's, or the configured termination. */
export interface SipHost {
  /** In lower case. */
  readonly name: string;
  readonly port: number;
}

/** Synthflow's SIP trunk. */
export interface Trunk {
  /** The first is dialled; a transfer may come back from any of them. */
  readonly hosts: readonly [SipHost, ...SipHost[]];
  /** `undefined` is UDP, Twilio's default. */
  readonly transport: 'udp' | 'tcp' | 'tls' | undefined;
  /** Whether the audio is encrypted. */
  readonly srtp: boolean;
  /** `undefined` is Twilio's default. */
  readonly region: SipRegion | undefined;
}

/** Dial attributes that a number may add; the ones that the bridge needs for itself are left out. */
export type DialAttributes = Omit<
  VoiceResponse.DialAttributes,
  'action' | 'answerOnBridge' | 'method' | 'referMethod' | 'referUrl' | 'timeout'
>;

/** Everything that a number's settings say about dialling its agent. */
export interface TrunkSettings {
  readonly trunk: Trunk;
  /** Instead of the called number. */
  readonly dialNumber: string | undefined;
  /** Seconds that the agent may ring. */
  readonly ringSeconds: number;
  readonly attributes: DialAttributes;
}

/** Everything that a Dial to the agent needs. */
export interface Destination extends TrunkSettings {
  /** The number to dial at Synthflow. */
  readonly number: string;
}

/**
 * The SIP URI that dials the trunk, with the ids in its header `X-EI`, and further headers. Without headers it has at
 * most 254 characters, as Twilio wants (error 13243), because a host has at most 189.
 */
export function trunkUri(trunk: Trunk, number: string, ids: ExternalIds, furtherHeaders = ''): string {
  const uri = userUri(trunk, trunk.hosts[0], number);
  const xEi = writeXEi(ids);
  const headers = [xEi && `X-EI=${xEi}`, furtherHeaders].filter((header) => header !== '');
  return headers.length === 0 ? uri : `${uri}?${headers.join('&')}`;
}

/** The SIP URI of a user at one of the trunk's hosts, with the trunk's transport, encryption and region. */
export function userUri(trunk: Trunk, host: SipHost, user: string): string {
  const transport = trunk.transport === undefined ? '' : `;transport=${trunk.transport}`;
  const secure = trunk.srtp ? ';secure=true' : '';
  const region = trunk.region === undefined ? '' : `;region=${trunk.region}`;
  return `sip:${user}@${host.name}:${host.port}${transport}${secure}${region}`;
}
