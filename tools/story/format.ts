import type { LogLine } from '../../src/assets/log.private';
import type { Paint, Screen } from '../command';
import { alignColumns, alignRows, oneLine, wrap } from '../text';
import { explain, parseLine } from './explanation';
import type { Step, Story } from './recorder';

/** Milliseconds of a call as people read them, such as `4.03 s`. */
export const formatSeconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** What happened in a call, why, and what to do, one sentence each; what went wrong is indented. */
export function tell({ log, warnings, steps }: Pick<Story, 'log' | 'warnings' | 'steps'>): readonly string[] {
  const lines = log.map(parseLine).filter((line) => line !== undefined);
  const { hours } = lines[0] ?? {};
  const phones = phonesThatRing(lines, steps);
  // A setting that is wrong is wrong in each line.
  const said = new Set<string>();
  const told = lines.flatMap((line) => {
    const { what, advice } = explain(line, phones.get(line));
    const news = advice.filter((sentence) => !said.has(sentence));
    for (const problem of line.problems ?? []) said.add(problem);
    return [what, ...news.map((sentence) => `  ${sentence}`)];
  });
  return [
    ...warnings.map(({ code, text }) => `Twilio warns: ${code} ${text} → docs/runbook.md`),
    ...(hours === undefined ? [] : [`The call was taken as ${hours}, by the hours of the called number`]),
    ...told,
  ].map(oneLine);
}

/** The phones that ring with each line, where the steps show a Dial to phones for each of them. */
function phonesThatRing(lines: readonly LogLine[], steps: readonly Step[]): ReadonlyMap<LogLine, readonly string[]> {
  const ringing = lines.filter(({ outcome }) => outcome === 'person' || outcome === 'transfer_number');
  const dialled = steps.flatMap(({ from, title }) => {
    const phones = /^Dial (\+.*)/.exec(title)?.[1];
    return from === 'function' && phones !== undefined ? [phones.split(', ')] : [];
  });
  if (ringing.length !== dialled.length) return new Map();
  return new Map(ringing.map((line, index) => [line, dialled[index] ?? []]));
}

/** A call for a terminal; `isVerbose` adds every message whole. */
export function formatStory(call: Story, isVerbose: boolean, { paint, width }: Screen): string {
  const rows = call.steps.map(({ at, from, to, title, failed }) => [
    formatSeconds(at).padStart(9),
    `${from} → ${to}`,
    failed ? `✗ ${title}` : `  ${title}`,
  ]);
  const lines = alignRows(rows, width);
  const heard = call.heard.map(({ at, until, what }) => [
    `  ${formatSeconds(at)} to ${until === undefined ? 'the end' : formatSeconds(until)}`,
    what,
  ]);
  return [
    ...call.steps.flatMap((step, index) => formatStep(step, lines[index] ?? '', isVerbose, paint)),
    // Nobody records what a real caller hears.
    ...(heard.length > 0 ? ['', 'The caller hears', alignColumns(heard, width)] : []),
    '',
    'What happened',
    ...tell(call).map((sentence) => wrap(`  ${sentence}`, width, 6)),
    ...(isVerbose ? ['', 'Log', indent(call.log.join('\n'))] : []),
  ].join('\n');
}

function formatStep({ failed, content }: Step, line: string, isVerbose: boolean, paint: Paint): readonly string[] {
  const shown = failed ? paint('red', line) : line;
  return isVerbose && content !== '' ? [shown, paint('gray', indent(content.trimEnd(), 13))] : [shown];
}

const indent = (text: string, blanks = 2): string => text.replace(/^(?=.)/gm, ' '.repeat(blanks));
