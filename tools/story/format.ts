import type { Paint } from '../command';
import { alignColumns, oneLine } from '../text';
import { explain, parseLine } from './explanation';
import type { Step, Story } from './recorder';

/** Milliseconds of a call as people read them, such as `4.03 s`. */
export const formatSeconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** What happened in a call, why, and what to do, one sentence each. */
export function tell({ log, warnings }: Pick<Story, 'log' | 'warnings'>): readonly string[] {
  const lines = log.map(parseLine).filter((line) => line !== undefined);
  const warned = warnings.map(({ code, text }) => `Twilio warns: ${code} ${text} → docs/runbook.md`);
  const explained = lines.map(explain);
  const told = explained.flatMap(({ what, advice }) => [what, ...advice.map((sentence) => `  ${sentence}`)]);
  return [...warned, ...told].map(oneLine);
}

/** A call for a terminal; `isVerbose` adds every message whole. */
export function formatStory(call: Story, isVerbose: boolean, paint: Paint): string {
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
    ...call.steps.flatMap((step, index) => formatStep(step, lines[index] ?? '', isVerbose, paint)),
    // Nobody records what a real caller hears.
    ...(heard.length > 0 ? ['', 'The caller hears', indent(alignColumns(heard))] : []),
    '',
    'What happened',
    indent(tell(call).join('\n')),
    ...(isVerbose ? ['', 'Log', indent(call.log.join('\n'))] : []),
  ].join('\n');
}

function formatStep({ failed, content }: Step, line: string, isVerbose: boolean, paint: Paint): readonly string[] {
  const shown = failed ? paint('red', line) : line;
  return isVerbose && content !== '' ? [shown, paint('gray', indent(content.trimEnd(), 13))] : [shown];
}

const indent = (text: string, blanks = 2): string => text.replace(/^(?=.)/gm, ' '.repeat(blanks));
