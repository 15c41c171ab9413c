/** A leg that can end: of a step, by its kind, or of a transfer that the agent of that step asked for. */
export type Stage = 'agent' | 'person' | 'voicemail' | 'transfer';

/** What one of our URLs waits for: a leg, or that a word has been said. */
type Expected = Stage | 'word';

/** What the bridge writes into its own URLs, since nothing else remembers it (docs/decisions/routes.md). */
export interface OwnUrl {
  /** The step of the route, counted from 0. */
  readonly step?: number | undefined;
  /** What the URL waits for: a later deployment may have another step at this place. */
  readonly stage?: Expected | undefined;
  /** Why the step before a word failed: a word changes nothing about that. */
  readonly reason?: string | undefined;
  /** Whether the caller has talked with an agent, who then asked for a transfer. */
  readonly hasTalked?: boolean | undefined;
  /** Whether a person on that leg has to press a key. */
  readonly isConfirmed?: boolean;
  /** Whether the call takes the route of a closed number: the hours may begin or end during a call. */
  readonly isClosed?: boolean;
  /** The called number, since not each of Twilio's requests has a documented `To`. */
  readonly called?: string | undefined;
  /** The caller, where Twilio sends none. */
  readonly caller?: string | undefined;
}

/**
 * The names of these parameters. In the runtime a parameter of the body replaces one of the URL, and a client of the
 * Voice SDK writes names of its own into a body: so nobody else has these.
 */
export const ownParameters = {
  step: 'bridge_step',
  stage: 'bridge_leg',
  reason: 'bridge_reason',
  talked: 'bridge_talked',
  confirm: 'bridge_confirm',
  route: 'bridge_route',
  caller: 'bridge_caller',
  called: 'bridge_called',
} as const;

const stages: readonly Expected[] = ['agent', 'person', 'voicemail', 'transfer', 'word'];

/** The leg that has ended; `undefined` after a word, which is none. */
export const endedLeg = ({ stage }: OwnUrl): Stage | undefined => (stage === 'word' ? undefined : stage);

/** Reads the parameters of one of our URLs; what can't be read is left out. */
export function readOwnUrl(parameters: Readonly<Record<string, string>>): OwnUrl {
  const step = /^\d{1,3}$/.exec(parameters[ownParameters.step] ?? '')?.[0];
  return {
    step: step === undefined ? undefined : Number(step),
    stage: stages.find((stage) => stage === parameters[ownParameters.stage]),
    reason: parameters[ownParameters.reason],
    // The URL of a transfer's leg says so by that.
    hasTalked: parameters[ownParameters.talked] === 'yes' || parameters[ownParameters.stage] === 'transfer',
    isConfirmed: parameters[ownParameters.confirm] === 'yes',
    isClosed: parameters[ownParameters.route] === 'closed',
    called: parameters[ownParameters.called],
    caller: parameters[ownParameters.caller],
  };
}

/** One of our URLs, relative to the document that it stands in. */
export function writeOwnUrl(path: string, url: OwnUrl): string {
  const { step, stage, reason, hasTalked, isConfirmed, isClosed, called, caller } = url;
  const query = new URLSearchParams();
  if (step !== undefined) query.set(ownParameters.step, `${step}`);
  if (stage !== undefined) query.set(ownParameters.stage, stage);
  if (reason !== undefined) query.set(ownParameters.reason, reason);
  if (hasTalked) query.set(ownParameters.talked, 'yes');
  if (isConfirmed) query.set(ownParameters.confirm, 'yes');
  if (caller !== undefined) query.set(ownParameters.caller, caller);
  if (isClosed) query.set(ownParameters.route, 'closed');
  if (called !== undefined) query.set(ownParameters.called, called);
  return `${path}?${query}`;
}
