import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, extname, join } from 'node:path';

/** Where a file of the source may be, and the ending that keeps it from the public. */
const folders = [
  { folder: 'functions/', ending: '.protected.ts' },
  { folder: 'assets/', ending: '.private.ts' },
] as const;

/**
 * The files of a project's `src` that would be public in the cloud, or not be there, each with the name to give it.
 * Twilio serves everybody what isn't called `.protected` or `.private` (twilio.com/docs/serverless).
 */
export function misnamedFiles(project: string): readonly string[] {
  const odd = entriesBelow(join(project, 'src'))
    .filter(({ entry }) => !entry.isFile() && !entry.isDirectory())
    .map(
      ({ file }) => `src/${file}: it is a link or a device, which could bring in anything; put the file itself there`,
    );
  const misnamed = filesBelow(join(project, 'src')).flatMap((file) => {
    const place = folders.find(({ folder }) => file.startsWith(folder));
    if (place !== undefined && file.endsWith(place.ending)) return [];
    const { folder, ending } = place ?? folders[1];
    const extension = extname(file);
    const stem = basename(file, extension)
      .replace(/\.(private|protected)/, '')
      .replaceAll('.', '-');
    const becomes = `src/${folder}${stem}${ending}`;
    const fix = extension === '.ts' ? `call it ${becomes}` : `move what it holds into ${becomes}`;
    const harm = place === undefined ? 'it would not be uploaded' : 'it would be public in the cloud';
    return [`src/${file}: ${harm}; ${fix}, or remove it`];
  });
  return [...odd, ...misnamed];
}

/** What compiled modules load that the cloud couldn't give them, each with its file and line. */
export function unloadableImports(project: string, compiled: string): readonly string[] {
  const { dependencies = {} } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  const problemOf = (loaded: string): string | undefined => {
    if (loaded.startsWith('.')) {
      return loaded.endsWith('.private') ? undefined : 'only modules that are called .private can be imported';
    }
    if (/^(node:)?fs(\/|$)/.test(loaded))
      return 'files have no path in the cloud; put the data into a .private.ts module';
    const [name = ''] = /^(@[^/]+\/)?[^/]+/.exec(loaded) ?? [];
    if (isBuiltin(loaded) || name in dependencies) return undefined;
    return `only dependencies are installed in the cloud: npm install --save-exact ${name}`;
  };
  const modules = filesBelow(compiled).filter((file) => file.endsWith('.js'));
  return modules.flatMap((file) => {
    const code = readFileSync(join(compiled, file), 'utf8');
    const source = `src/${file.replace(/\.js$/, '.ts')}`;
    const place = (text: string): string => `${source}:${lineOf(join(project, source), text)}: ${text}`;
    const imports = [...code.matchAll(/\brequire\((["'`])([^"'`]+)\1\)/g)].map(([, , loaded = '']) => loaded);
    const wrong = imports.flatMap((loaded) => {
      const problem = problemOf(loaded);
      return problem === undefined ? [] : [`${place(loaded)}: ${problem}`];
    });
    const path = /\b__(dirname|filename)\b/.exec(code)?.[0];
    return path === undefined ? wrong : [...wrong, `${place(path)}: the cloud has other paths; import what you need`];
  });
}

/** What is in a folder, by its path there, with `/` whatever the system. Hidden files, an editor's, are no source. */
function entriesBelow(folder: string): readonly { readonly file: string; readonly entry: Dirent }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { file: path.slice(folder.length + 1).replaceAll('\\', '/'), entry };
    });
}

const filesBelow = (folder: string): readonly string[] =>
  entriesBelow(folder)
    .flatMap(({ file, entry }) => (entry.isFile() ? file : []))
    .sort();

function lineOf(file: string, text: string): number {
  const lines = readFileSync(file, 'utf8').split('\n');
  const isCode = (line: string): boolean => line.includes(text) && !/^\s*(\/\/|\/?\*)/.test(line);
  return lines.findIndex(isCode) + 1;
}
