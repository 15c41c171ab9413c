import { styleText } from 'node:util';
import type { Step, Story } from '../lab/story';
import { explain } from './explanation';
import type { RealCall } from './live/call/real-call';
import { parseLine } from './live/history';
import { alignColumns } from './table';

/** Milliseconds of a call as people read them, such as `4.03 s`. */
export const formatSeconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** What happened in a call, why, and what to do, one sentence each. */
export function tell({ log, warnings }: Pick<Story, 'log' | 'warnings'>): readonly string[] {
  const lines = log.map(parseLine).filter((line) => line !== undefined);
  const warned = warnings.map(({ code, text }) => `Twilio warns: ${code} ${text} → docs/runbook.md`);
  const explained = lines.map(explain);
  return [...warned, ...explained.flatMap(({ what, advice }) => [what, ...advice.map((sentence) => `  ${sentence}`)])];
}

/** A call for a terminal; `isVerbose` adds every message whole. Colours are those that stdout can show. */
export function formatStory(call: Story, isVerbose: boolean): string {
  const rows = call.steps.map(({ at, from, to, title, failed }) => [
    formatSeconds(at).padStart(9),
    `${from} → ${to}`,
    failed ? `✗ ${title}` : `  ${title}`,
  ]);
  const lines = alignColumns(rows).split('\n');
  const heard = call.heard.map(({ at, until, what }) => [
    `${formatSeconds(at)} to ${until === undefined ? 'the end' : formatSeconds(until)}`,
    what,
  ]);
  return [
    ...call.steps.flatMap((step, index) => formatStep(step, lines[index] ?? '', isVerbose)),
    '',
    'The caller hears',
    indent(alignColumns(heard) || 'nothing'),
    '',
    'What happened',
    indent(tell(call).join('\n')),
    ...(isVerbose ? ['', 'Log', indent(call.log.join('\n'))] : []),
  ].join('\n');
}

/** A real call for a terminal: where its sources disagree comes first, and then what is missing. */
export function formatRealCall(call: RealCall, isVerbose: boolean): string {
  const { callSid, caller, called, placed, disagreements, missing, sources, links } = call;
  const remarks = [
    ...disagreements.map((sentence) => colour('red', `✗ ${sentence}`)),
    ...missing.map((sentence) => `  ${sentence}`),
  ];
  const head = [['Call', `${callSid}, ${caller} to ${called}, ${placed.slice(0, 19).replace('T', ' ')}`], ...sources];
  return [
    ...(remarks.length > 0 ? [...remarks, ''] : []),
    alignColumns(head),
    '',
    formatStory(call, isVerbose),
    '',
    alignColumns(links),
  ].join('\n');
}

function formatStep({ failed, content }: Step, line: string, isVerbose: boolean): readonly string[] {
  const shown = failed ? colour('red', line) : line;
  return isVerbose && content !== '' ? [shown, colour('gray', indent(content.trimEnd(), 13))] : [shown];
}

const colour = (name: 'red' | 'gray', text: string): string => styleText(name, text, { stream: process.stdout });

const indent = (text: string, blanks = 2): string => text.replace(/^(?=.)/gm, ' '.repeat(blanks));
