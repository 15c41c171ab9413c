import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { runCommand } from '../../tools/command';
import { programFile, startProgram } from '../../tools/program';
import { reachableFrom } from '../setup/imports';

const root = resolve(__dirname, '../..');
/** For each module, the digest of it and of the tests that last caught its every mutant. */
const recordFile = join(__dirname, 'mutation.json');
const reportFile = join(root, 'reports/mutation/mutation.json');

/** The folders whose tests kill mutants, as in stryker.config.mjs. */
const testFolders = ['test/assets', 'test/functions', 'test/tools/live', 'test/lab/decisions'];
/** What the commands and the lab decide, beside all of `src`. */
const decisions = [
  'lab/fields.ts',
  'lab/labels.ts',
  'lab/page/request.ts',
  'lab/settings.ts',
  'lab/twilio/access.ts',
  'tools/live/account.ts',
  'tools/live/alerts.ts',
  'tools/live/call/disagreements.ts',
  'tools/live/call/leg.ts',
  'tools/live/call/requests.ts',
  'tools/live/history.ts',
  'tools/live/notice.ts',
  'tools/live/number.ts',
  'tools/live/routes.ts',
  'tools/live/settings.ts',
  'tools/live/variables.ts',
  'tools/live/verdict.ts',
  'tools/live/wiring.ts',
];

/** A module whose mutants have to be caught. */
interface Module {
  readonly name: string;
  /** The tests that are named after it. */
  readonly ownTests: readonly string[];
  /** All tests that reach it. */
  readonly tests: readonly string[];
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** A mutant as Stryker's report shows it; lines and columns begin with 1. */
interface Mutant {
  readonly status: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

const nameOf = (file: string): string => relative(root, file).replaceAll(sep, '/');

function filesBelow(folder: string): readonly string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(root, folder, name));
}

function findModules(): readonly Module[] {
  const reached = testFolders
    .flatMap(filesBelow)
    .filter((file) => file.endsWith('.test.ts'))
    .map((test) => ({ test, files: reachableFrom(test) }));
  return [...filesBelow('src'), ...decisions.map((module) => join(root, module))].sort().map((file) => {
    const tests = reached.filter(({ files }) => files.has(file)).map(({ test }) => nameOf(test));
    const ownName = basename(file).replace(/(\.private|\.protected)?\.ts$/, '.test.ts');
    return { name: nameOf(file), ownTests: tests.filter((test) => basename(test) === ownName), tests };
  });
}

/** The digest of a module together with some tests, and with what these tests are made of. */
function digestOf(module: string, tests: readonly string[]): string {
  const files = tests.flatMap((test) => [...reachableFrom(join(root, test))].map(nameOf));
  const digest = createHash('sha256');
  for (const file of [...new Set([module, ...files.filter((name) => name.startsWith('test/'))])].sort()) {
    digest.update(readFileSync(join(root, file)));
  }
  return digest.digest('hex').slice(0, 16);
}

/** Lets Stryker break what `mutate` names, and returns the places of the mutants that these tests, or else all, miss. */
async function missedPlaces(mutate: readonly string[], tests: readonly string[] = []): Promise<readonly string[]> {
  rmSync(reportFile, { force: true });
  const args = [programFile('@stryker-mutator/core', 'stryker'), 'run', '--mutate', mutate.join()];
  const env = { MUTATION_TESTS: tests.join() };
  const stryker = startProgram(args, { cwd: root, env, onLine: (line) => process.stderr.write(`${line}\n`) });
  await stryker.ended;
  if (!existsSync(reportFile)) throw new Error('Stryker wrote no report: see what it printed above.');
  const report: { files: Record<string, { mutants: Mutant[] }> } = JSON.parse(readFileSync(reportFile, 'utf8'));
  return Object.entries(report.files).flatMap(([file, { mutants }]) =>
    // A mutant that ends in a runtime error does not even load, and Stryker counts it neither way.
    mutants
      .filter(({ status }) => !['Killed', 'Timeout', 'Ignored', 'RuntimeError'].includes(status))
      .map(
        ({ location: { start, end } }) =>
          // As `--mutate` takes it: lines from 1, columns from 0.
          `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`,
      ),
  );
}

void runCommand({
  name: 'mutation',
  usage: '[--changed]',
  summary: `Breaks each module in every way that Stryker knows, and shows what no test notices: first with the tests
that are named after the module, then, for what these miss, with all. Records in test/proofs/mutation.json the modules
of which every mutant was caught, with a digest of the module and of the tests that it took.`,
  options: {
    changed: { type: 'boolean', default: false, help: 'only modules that differ from the record, or whose tests do' },
  },
  notes: 'Exit status: 0 every mutant was caught, 1 one was not.',
  failure: 'The mutants could not be tested',
  run: async ({ changed }) => {
    const all = findModules();
    const record = new Map<string, string>(Object.entries(JSON.parse(readFileSync(recordFile, 'utf8'))));
    // Written after each step, so that what an interrupted run has found is kept.
    const save = (): void => {
      const kept = [...record].filter(([module]) => all.some(({ name }) => name === module)).sort();
      writeFileSync(recordFile, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
    };
    const isRecorded = ({ name, ownTests, tests }: Module): boolean =>
      [ownTests, tests].some((some) => record.get(name) === digestOf(name, some));
    const modules = all.filter((module) => !changed || !isRecorded(module));
    const missed: string[] = [];
    for (const [index, { name, ownTests }] of modules.entries()) {
      process.stderr.write(`\n${index + 1} of ${modules.length}: ${name} with ${ownTests.join(', ') || 'all tests'}\n`);
      const mutants = ownTests.length === 0 ? [name] : await missedPlaces([name], ownTests);
      missed.push(...mutants);
      record.delete(name);
      if (mutants.length === 0) record.set(name, digestOf(name, ownTests));
      save();
    }
    process.stderr.write(`\n${missed.length} mutants with all tests\n`);
    const survived = missed.length === 0 ? [] : await missedPlaces(missed);
    for (const { name, tests } of modules) {
      const isCaught = !survived.some((place) => place.startsWith(`${name}:`));
      if (isCaught && !record.has(name)) record.set(name, digestOf(name, tests));
    }
    save();
    return {
      text: [
        `${modules.length} modules differed from the record, ${survived.length} mutants survived.`,
        ...survived,
      ].join('\n'),
      exitStatus: survived.length === 0 ? 0 : 1,
    };
  },
});
