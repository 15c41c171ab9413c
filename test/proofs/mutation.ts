import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { runCommand } from '../../tools/command';
import { programFile, startProgram } from '../../tools/program';
import { reachableFrom } from '../setup/imports';

const root = resolve(__dirname, '../..');
/** For each module, the digest with which all its mutants were last killed. */
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
  'tools/live/history.ts',
  'tools/live/notice.ts',
  'tools/live/number.ts',
  'tools/live/routes.ts',
  'tools/live/settings.ts',
  'tools/live/variables.ts',
  'tools/live/verdict.ts',
  'tools/live/wiring.ts',
];

type Digests = Readonly<Record<string, string>>;

function filesBelow(folder: string): readonly string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(root, folder, name));
}

/** The digest of each module together with the tests that reach it, and with what these tests are made of. */
function digestModules(): Digests {
  const reached = testFolders
    .flatMap(filesBelow)
    .filter((file) => file.endsWith('.test.ts'))
    .map((test) => reachableFrom(test));
  const modules = [...filesBelow('src'), ...decisions.map((module) => join(root, module))].sort();
  const isPartOfTest = (file: string): boolean => relative(root, file).startsWith('test');
  return Object.fromEntries(
    modules.map((module) => {
      const tests = reached.filter((files) => files.has(module)).flatMap((files) => [...files].filter(isPartOfTest));
      const digest = createHash('sha256');
      for (const file of [...new Set([module, ...tests])].sort()) digest.update(readFileSync(file));
      return [relative(root, module).replaceAll(sep, '/'), digest.digest('hex').slice(0, 16)];
    }),
  );
}

/** The modules of Stryker's report in which a mutant survived. */
function readSurvivors(): readonly string[] {
  const report: { files: Record<string, { mutants: { status: string }[] }> } = JSON.parse(
    readFileSync(reportFile, 'utf8'),
  );
  // A mutant that ends in a runtime error does not even load, and Stryker counts it neither way.
  const isCaught = ({ status }: { status: string }): boolean =>
    ['Killed', 'Timeout', 'Ignored', 'RuntimeError'].includes(status);
  return Object.keys(report.files).filter((file) => !report.files[file]?.mutants.every(isCaught));
}

void runCommand({
  name: 'mutation',
  usage: '[--changed]',
  summary: `Breaks each module in every way that Stryker knows, and shows what no test notices. Records in
test/proofs/mutation.json the modules of which every mutant was caught, with a digest of the module and its tests.`,
  options: {
    changed: { type: 'boolean', default: false, help: 'only modules that differ from the record, or whose tests do' },
  },
  notes: 'Exit status: 0 every mutant was caught, 1 one was not.',
  failure: 'The mutants could not be tested',
  run: async ({ changed }) => {
    const digests = digestModules();
    const recorded: Digests = JSON.parse(readFileSync(recordFile, 'utf8'));
    const modules = Object.keys(digests).filter((module) => !changed || digests[module] !== recorded[module]);
    if (modules.length === 0) return { text: 'Every mutant was caught with these modules and tests.', exitStatus: 0 };
    process.stderr.write(`${modules.join('\n')}\n\n`);
    rmSync(reportFile, { force: true });
    const args = [programFile('@stryker-mutator/core', 'stryker'), 'run', '--mutate', modules.join()];
    const stryker = startProgram(args, { cwd: root, onLine: (line) => process.stderr.write(`${line}\n`) });
    const status = await stryker.ended;
    const survivors = readSurvivors();
    const caught = modules.filter((module) => !survivors.includes(module));
    const all = Object.entries({
      ...recorded,
      ...Object.fromEntries(caught.map((module) => [module, digests[module]])),
    });
    const kept = all.filter(([module]) => module in digests && !survivors.includes(module)).sort();
    if (status === 0 || survivors.length > 0) {
      writeFileSync(recordFile, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
    }
    const text = `${caught.length} of ${modules.length} modules: every mutant was caught.`;
    return {
      text: [text, ...survivors.map((module) => `survived in ${module}`)].join('\n'),
      exitStatus: status === 0 ? 0 : 1,
    };
  },
});
