import { cpus, totalmem } from 'node:os';
import type { Figure, Part } from './figure';

/** The size of this machine, for everything absolute. */
export const machine = (): string =>
  `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.versions.node}`;

const two = (value: number): string => value.toFixed(2);
const spreadOf = ({ spread: [low, high] }: Figure): string => `${two(low)} to ${two(high)}`;
function goalOf({ goal, value }: Figure): string {
  if (goal === undefined) return '';
  return `at most ${two(goal)}${value > goal ? ', missed' : ''}`;
}
const marginOf = ({ margin }: Figure): string => `${Math.round(margin * 100)} %`;

/** `docs/performance.md`. */
export function renderPage(parts: readonly Part[], date: string): string {
  return `# Performance

\`npm run bench\` measures the built bridge against yardsticks, side by side and in random order, on loopback with a stand-in for Synthflow's API, and writes this page.
The yardsticks are a plain function with axios and the SDK's \`VoiceResponse\`, a function that only asks the API with axios, and an empty function; they are in \`test/proofs/bench\`.
Functions run in the layout of Twilio's cloud, in a runtime that loads \`twilio\` on first use: all of it, as whoever writes \`new Twilio.twiml.VoiceResponse()\` meets it.
Cold, the bridge loads what asks Synthflow first, and \`VoiceResponse\` while the request is under way.

What counts are the ratios; a value is the median over the rounds, and its spread goes from their 10th to their 90th percentile. \`npm run bench -- --check\`, which CI runs, fails when a value is worse than here by more than its margin.
Times are of this machine: **${machine()}, ${date}.**

${parts.map(renderPart).join('\n\n')}
`;
}

function renderPart({ title, figures, times }: Part): string {
  const rows = figures.map(
    (one) => `| ${one.title} | ${two(one.value)} | ${spreadOf(one)} | ${goalOf(one)} | ${marginOf(one)} |`,
  );
  const absolute = times.map((one) => `| ${one.title} | ${one.text} |`);
  return [
    `## ${title}`,
    '',
    '| | value | spread | goal | margin |\n|---|---|---|---|---|',
    ...rows,
    '',
    '| on this machine | |\n|---|---|',
    ...absolute,
  ].join('\n');
}

/** The same for a terminal. */
export function renderText(parts: readonly Part[]): string {
  const width = Math.max(...parts.flatMap(({ figures }) => figures.map(({ title }) => title.length))) + 2;
  return parts
    .flatMap(({ title, figures, times }) => [
      title,
      ...figures.map(
        (one) =>
          `  ${one.title.padEnd(width)}${two(one.value).padStart(6)}   ${spreadOf(one).padEnd(16)}${goalOf(one)}`,
      ),
      ...times.map((one) => `  ${one.title.padEnd(width)}${one.text}`),
      '',
    ])
    .join('\n');
}

/** What is not as it should be: a goal that was missed or, beside a recorded page, a value that became worse than it says. */
export function findProblems(parts: readonly Part[], recordedPage: string | undefined): readonly string[] {
  return parts.flatMap(({ title, figures }) => figures.flatMap((one) => problemsOf(title, one, recordedPage)));
}

function problemsOf(
  part: string,
  { title, value, goal, margin }: Figure,
  recordedPage: string | undefined,
): readonly string[] {
  const found = `${part}: ${title}: expected`;
  // Neither a figure that could not be computed nor a negative share of a time is a good one.
  if (!(value >= 0)) return [`${found} a number; found ${value}`];
  if (recordedPage === undefined) {
    return goal !== undefined && value > goal ? [`${found} at most ${two(goal)}; found ${two(value)}`] : [];
  }
  const recorded = readValue(recordedPage, part, title);
  if (recorded === undefined) return [`${found} its row in docs/performance.md; run npm run bench`];
  // A share of nothing is nothing: beside a recorded zero, the goal is the limit.
  const limit = recorded === 0 ? (goal ?? 0) : recorded * (1 + margin);
  return value > limit ? [`${found} at most ${two(limit)}, for ${two(recorded)} as recorded; found ${two(value)}`] : [];
}

/** The recorded value of a figure. */
export function readValue(page: string, part: string, title: string): number | undefined {
  const section = page.split(`\n## ${part}\n`)[1]?.split('\n## ')[0] ?? '';
  const row = section.split('\n').find((line) => line.startsWith(`| ${title} |`));
  const value = row?.split('|')[2]?.trim();
  return value === undefined || !/^\d+\.\d+$/.test(value) ? undefined : Number(value);
}
