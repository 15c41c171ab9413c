import { warmTransferPrefix } from '../../src/assets/twilio/refer.private';
import { isRefusal } from '../../tools/story/labels';
import type { Recorder } from '../../tools/story/recorder';
import type { Clock } from '../clock';
import { type IncomingInvite, type SipAgent, startSipAgent } from '../sip/user-agent';
import type { Synthflow } from './api';

/** What Synthflow's side of a SIP call does. */
export type AgentBehaviour =
  | { readonly kind: 'talks'; readonly seconds: number }
  | { readonly kind: 'refuses'; readonly status: number; readonly reason: string }
  | { readonly kind: 'rings' }
  /** Asks for a transfer, and talks on for 5 s when it fails. */
  | { readonly kind: 'refers'; readonly referTo: string };

/** How the trunk knows which calls are prepared. */
export interface PreparedCalls extends Pick<Synthflow, 'claim'> {
  /** Whether calls without a prepared one reach an agent, as an imported number does. */
  directDial(): boolean;
}

/** The header's tokens by letter, read with the pattern that Synthflow documents. */
export function parseExternalIds(header: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...header.matchAll(/(S|E|O)\.([^;]+);/g)].map(([, letter = '', value = '']) => [letter, value]),
  );
}

/** Starts Synthflow's SIP side: it answers prepared calls only, as a real trunk would. */
export function startTrunk(
  prepared: PreparedCalls,
  behaviour: () => AgentBehaviour,
  clock: Clock,
  recorder: () => Recorder,
): Promise<SipAgent> {
  const tap = (title: string, text: string): void => {
    const { step, fail } = recorder();
    (isRefusal(title) ? fail : step)('Synthflow SIP', 'Twilio', title, text);
  };
  return startSipAgent('synthflow', tap, (invite) => void answer(invite, prepared, behaviour(), clock));
}

async function answer(invite: IncomingInvite, prepared: PreparedCalls, behaviour: AgentBehaviour, clock: Clock) {
  const user = /^sips?:([^@]+)@/.exec(invite.message.uri ?? '')?.[1] ?? '';
  if (user.startsWith(warmTransferPrefix)) return talk(invite, 3, clock);
  const { S: synthflowCallId } = parseExternalIds(String(invite.message.headers['x-ei'] ?? ''));
  const known = synthflowCallId === undefined ? prepared.directDial() : prepared.claim(synthflowCallId);
  if (!known) return invite.refuse(404, 'Not Found');
  if (behaviour.kind === 'refuses') return invite.refuse(behaviour.status, behaviour.reason);
  if (behaviour.kind === 'rings') return invite.ring();
  if (behaviour.kind === 'talks') return talk(invite, behaviour.seconds, clock);
  invite.ring();
  const dialog = invite.accept();
  await clock.pause(1);
  const failed = new Promise<void>((resolve) => dialog.onNotify((status) => status >= 300 && resolve()));
  await dialog.refer(behaviour.referTo);
  await Promise.race([failed.then(() => clock.pause(5)), dialog.ended]);
  dialog.bye();
}

async function talk(invite: IncomingInvite, seconds: number, clock: Clock): Promise<void> {
  invite.ring();
  const dialog = invite.accept();
  await Promise.race([clock.pause(seconds), dialog.ended]);
  dialog.bye();
}
