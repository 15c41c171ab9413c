import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { makeTemporaryFolder } from '../../tools/program';

/** A file as the toolkit uploads it. */
export interface UploadedFile {
  /** Its path in the cloud, such as `/inbound` or `/call.js`. */
  readonly path: string;
  readonly content: string | Buffer;
}

/** What one invocation answered. */
export interface CloudAnswer {
  readonly httpStatus: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a function answered to events, one after the other in one warm process. */
export interface CloudRun {
  readonly answers: readonly CloudAnswer[];
  /** All that the function printed, a line each. */
  readonly lines: readonly string[];
}

/** The uploaded files in the layout of Twilio's cloud: one folder of files without extension. */
export interface Cloud {
  /** Where they are; `cloud-globals.cjs` reads them from there. */
  readonly folder: string;
  /** Runs invocations in a new process; rejects when it ends before it has answered all of them. */
  invoke(name: string, env: Readonly<Record<string, string>>, events: readonly object[]): Promise<CloudRun>;
  remove(): void;
}

/** Lays the files out as the cloud does, where a file is called `ZN…` and only `Runtime` knows what it is. */
export function layOut(functions: readonly UploadedFile[], assets: readonly UploadedFile[]): Cloud {
  const { path: folder, remove } = makeTemporaryFolder('cloud');
  const files = join(folder, 'files');
  mkdirSync(files);
  let count = 0;
  const store = ({ path, content }: UploadedFile): [string, { path: string }] => {
    count += 1;
    const file = join(files, `ZN${count.toString(16).padStart(32, '0')}`);
    writeFileSync(file, content);
    return [path, { path: file }];
  };
  const manifest = {
    functions: Object.fromEntries(functions.map(store)),
    assets: Object.fromEntries(assets.map(store)),
    responsePath: join(dirname(require.resolve('@twilio/runtime-handler/dev')), 'internal/response.js'),
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return {
    folder,
    invoke: (name, env, events) => invoke(folder, name, env, events),
    remove,
  };
}

/** Milliseconds that all of them may take on a busy machine; the cloud gives each 10 s. */
const deadlineMs = 120_000;

/** What the process sends: that it is ready, or an answer. */
interface Reply {
  readonly response?: { readonly statusCode: number; readonly headers: Record<string, string>; readonly body: string };
}

function invoke(folder: string, name: string, context: object, events: readonly object[]): Promise<CloudRun> {
  const child = fork(resolve(__dirname, 'cloud-runtime.cjs'), [folder], { silent: true, execArgv: [] });
  const timer = setTimeout(() => child.kill(), deadlineMs);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise<CloudRun>((done, fail) => {
    const answers: CloudAnswer[] = [];
    child.on('message', ({ response }: Reply) => {
      if (response !== undefined) {
        const { statusCode, headers, body } = response;
        answers.push({ httpStatus: statusCode, headers, body });
      }
      const event = events[answers.length];
      if (event === undefined) child.kill();
      else child.send({ name, context, event });
    });
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      if (answers.length === events.length) return done({ answers, lines: output.trim().split('\n') });
      return fail(new Error(`${answers.length} of ${events.length} answered, exit code ${exitCode}:\n${output}`));
    });
  });
}
