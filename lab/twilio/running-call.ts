import type { Recorder } from '../../tools/story/recorder';
import type { Clock } from '../clock';
import type { SipAgent } from '../sip/user-agent';
import type { DocumentRequest } from './document';

/**
 * What Twilio does when the agent asks for a transfer. With `answerOnBridge`, the agent's leg stays until the target
 * answers, and the caller is with the agent again if it doesn't, or if the referUrl fails
 * (twilio.com/docs/voice/api/refer-to-twilio). The page doesn't say which leg a request to the referUrl describes: in
 * the second mode the agent's leg ends first, and the request describes it.
 */
export const transferModes = ['the agent stays', 'the agent leaves'] as const;

/** See {@link transferModes}; the first is the documented one. */
export type TransferMode = (typeof transferModes)[number];

/**
 * What a person at a phone number does. A person who answers also presses the key when a voice asks for one; a mailbox
 * doesn't.
 */
export type PersonBehaviour = 'answers' | 'is busy' | 'does not answer' | 'is a mailbox';

/** How a dialled leg ended, in the words of Twilio's Dial action. */
export interface EndedLeg {
  readonly status: 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled';
  /** Seconds of the call's own time. */
  readonly seconds: number;
  readonly bridged: boolean;
  readonly sipStatus?: number;
}

/** A SIP leg that was answered. */
export interface SipLeg {
  /** The URI that was dialled. */
  readonly uri: string;
  /** Waits until one side hangs up, or the other side asks for a transfer. */
  talk(): Promise<'ended' | { readonly referTo: string }>;
  /** Whether the other side is still there. */
  isUp(): boolean;
  /** Sends the other side the result of the transfer that it asked for. */
  notify(status: number, reason: string): void;
  hangUp(): void;
  /** The leg as Twilio reports it: until now, or until its end. */
  result(): EndedLeg;
}

/** How a number is wired, and how everybody else behaves. */
export interface CarrierCall {
  readonly voiceUrl: string;
  /** Asked with GET when no valid TwiML comes; `undefined` when none is set. */
  readonly fallbackUrl: string | undefined;
  readonly caller: string;
  readonly called: string;
  readonly callSid: string;
  readonly forwardedFrom?: string | undefined;
  /** What the voice webhook gets besides. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The called number of the account: besides the caller's own number, Twilio accepts it as caller id. */
  readonly accountNumber: string;
  readonly sip: SipAgent;
  /** `host:port` of the trunk that stands in for all of Synthflow's SIP hosts. */
  readonly synthflowAt: string;
  /** What the person at a phone number does. */
  readonly person: (number: string) => PersonBehaviour;
  /** Milliseconds that Twilio waits for a webhook (default: 15,000). */
  readonly timeoutMs?: number;
  /** When the caller hangs up: seconds after the agent's phone starts to ring, or never. */
  readonly hangsUpAfterSeconds: number | undefined;
  /** Seconds that the caller speaks onto a voicemail; 0 is silence. */
  readonly voicemailSeconds: number;
  readonly transferMode: TransferMode;
  readonly clock: Clock;
  readonly recorder: Recorder;
}

/** Where the call goes on: the next document, nowhere, or, after a transfer that failed, with the agent. */
export type Next = DocumentRequest | 'end' | 'agent again';

/** A call while it runs. */
export interface RunningCall extends CarrierCall {
  readonly callerGone: AbortSignal;
  status(): string;
  answer(): void;
  /** The agent has started to ring: from now on the seconds count after which the caller hangs up. */
  agentRings(): void;
  /** Asks for a document and executes its verbs, until the call goes on elsewhere. */
  play(next: DocumentRequest, call: RunningCall): Promise<Next>;
  /** Does something after the call, for which nobody waits on the line. */
  afterwards(act: () => Promise<unknown>): void;
  /** The agent who waits for the end of the transfer for which it has asked. */
  readonly heldAgent: SipLeg | undefined;
}
