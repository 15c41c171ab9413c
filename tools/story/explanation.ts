import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type LogLine, outcomes, type Reason } from '../../src/assets/log.private';
import { prepareFailures } from '../../src/assets/synthflow/response.private';
import { parseJson } from '../text';

/** Reads a line that the bridge wrote; `undefined` for anything else that a function logs. */
export function parseLine(message: string): LogLine | undefined {
  const line: LogLine = Object(parseJson(message));
  const isOurs = typeof line.event === 'string' && outcomes.includes(line.outcome);
  // The owner's code may log JSON, too.
  const texts: readonly unknown[] = [line.callSid, line.from, line.to, line.reason, line.synthflowCallId, line.error];
  const isWhole = texts.every((text) => text === undefined || typeof text === 'string');
  return isOurs && isWhole ? line : undefined;
}

/** A log line in words. */
export interface Explanation {
  /** What the caller got. */
  readonly what: string;
  /** What went wrong, and what to do. */
  readonly advice: readonly string[];
}

/** Explains a log line, with what docs/runbook.md says to do. `phones` are the ones that ring, where that's known. */
export function explain(line: LogLine, phones: readonly string[] = []): Explanation {
  const { event, outcome, reason, lookup, problems = [], error, omitted = [], omittedHeaders = [] } = line;
  const notSent = [...omitted, ...omittedHeaders];
  // After a word, the reason is why the step before it failed, unless preparing has failed since: it was said then.
  const isAfterWord = event === 'dial-result' && line.stage === undefined;
  const isSaid = isAfterWord && (outcome === 'agent' || line.attempts === undefined);
  const why = reason === undefined || isSaid ? undefined : reasonOf(reason, line);
  // What needs nobody to do anything is no advice.
  const remark = why !== undefined && why.fix === undefined ? `; ${why.text}` : '';
  return {
    what: `/${event}: ${outcome}, ${whatOf(line, phones)}${remark}`,
    advice: [
      ...(why?.fix === undefined ? [] : [`${why.text} → ${why.fix}`]),
      ...(lookup === undefined
        ? []
        : [`lookup ${lookup}: the agent got the call without what customVariables looks up → npm run check`]),
      ...(notSent.length === 0 ? [] : [`not sent to the agent: ${notSent.join(', ')} → see omitted in docs/log.md`]),
      ...problems,
      // The source, wherever the lab has its copy of it.
      ...(error === undefined ? [] : [error.replace(/[^\s()]*\/(src\/assets\/)/, '$1')]),
    ],
  };
}

/** What this call got with this line. */
function whatOf({ outcome, stage, seconds = 0 }: LogLine, phones: readonly string[]): string {
  const who = stage === undefined ? 'the leg' : legs[stage];
  switch (outcome) {
    case 'agent':
      return 'the agent rings, with the prepared call';
    case 'agent_direct':
      return 'the agent rings, without a prepared call';
    case 'person':
      return phones.length === 0 ? 'a person rings' : ringing(phones);
    case 'voicemail':
      return 'the message, a tone, and a recording';
    case 'word':
      return 'a sentence or a file, and then the next step';
    case 'message':
      return 'the message, and the end of the call';
    case 'transfer_number':
      return phones.length === 0 ? 'the agent transfers to a phone, which rings' : `a transfer: ${ringing(phones)}`;
    case 'transfer_sip':
      return 'a transfer: back to Synthflow, to be joined with a person there';
    case 'transfer_refused':
      return 'the transfer is not dialled';
    case 'completed':
      return `the end of the call, after ${seconds} s with ${who}`;
    case 'voicemail_left':
      return 'the closing sentence, after a voicemail';
    case 'caller_hung_up':
      if (stage === 'voicemail') return `the caller hung up, with ${seconds} s of voicemail`;
      return seconds > 0 ? `the caller hung up after ${seconds} s with ${who}` : `the caller hung up while ${who} rang`;
    case 'refused':
      return 'the caller is rejected, unanswered';
    case 'confirm_asked':
      return 'the person hears that they have to press 1';
    case 'confirmed':
      return 'the person has pressed 1, and is connected';
    case 'not_confirmed':
      return 'the person pressed another key, and the route goes on';
    case 'voicemail_delivered':
      return `NOTIFY_URL has the voicemail of ${seconds} s`;
    case 'voicemail_silent':
      return `the recording of ${seconds} s is silent, and nobody is told of it`;
    case 'voicemail_undelivered':
      return 'nobody has heard of the voicemail';
  }
}

const legs = {
  agent: 'the agent',
  person: 'the person',
  transfer: 'the phone of the transfer',
  voicemail: 'the voicemail',
} satisfies Record<NonNullable<LogLine['stage']>, string>;

const ringing = (phones: readonly string[]): string =>
  phones.length === 1 ? `${phones[0]} rings` : `${phones.join(' and ')} ring at once`;

/** Why something failed. */
interface Why {
  readonly text: string;
  /** What to do; `undefined` where nothing is to be done. */
  readonly fix: string | undefined;
}

function reasonOf(reason: Reason, { stage, httpStatus, attempts, sipStatus }: LogLine): Why {
  // A line may be about the end of a leg, and about preparing the next one.
  const isOfPreparing = prepareFailures.some((one) => one === reason);
  const details = isOfPreparing
    ? [
        ...(httpStatus === undefined ? [] : [`HTTP ${httpStatus}`]),
        ...(attempts === undefined ? [] : [`${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`]),
      ]
    : sipStatus === undefined
      ? []
      : [`SIP ${sipStatus}`];
  const shown = details.length > 0 ? ` (${details.join(', ')})` : '';
  const leg = stage === undefined || isOfPreparing ? '' : `${stage} `;
  const fix = forStage(cellOf('runbook.md', reason), stage);
  return {
    text: `${leg}${reason}: ${cellOf('log.md', reason)}${shown}`,
    fix: fix.startsWith('nothing') ? undefined : fix,
  };
}

const docs = resolve(__dirname, '../../docs');

/** The second cell of the row about this reason, in the page's table of reasons, without code marks and links. */
function cellOf(page: string, word: string): string {
  const row = new RegExp(`^\\| (?:\`\\w+\`, )*\`${word}\`(?:, \`\\w+\`)* \\| (.*?) \\|(?: |$)`, 'm');
  const [, reasons = ''] = readFileSync(resolve(docs, page), 'utf8').split('\n| reason |');
  const cell = row.exec(reasons)?.[1] ?? '';
  // A link within the page is one to the page.
  const text = cell.replace(/\[([^\]]+)\]\(#[^)]+\)/g, `$1 in docs/${page}`).replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');
  return text.replaceAll('`', '');
}

/** What to do may depend on the leg that ended: `agent: …; person, transfer: …`. */
function forStage(fix: string, stage: LogLine['stage']): string {
  const parts = fix.split('; ').map((part) => /^([a-z, ]+): (.*)$/.exec(part) ?? []);
  const own = parts.find(([, stages = '']) => stages.split(', ').includes(stage ?? ''));
  return own?.[2] ?? fix;
}
