import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

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
  /** All that the function printed. */
  readonly output: string;
}

/** The uploaded files in the layout of Twilio's cloud: one folder of files without extension. */
export interface Cloud {
  /** Where they are; `cloud-globals.cjs` reads them from there. */
  readonly folder: string;
  /** Runs one invocation in a new process; rejects when the process ends without an answer. */
  invoke(name: string, env: Readonly<Record<string, string>>, event: object): Promise<CloudAnswer>;
  remove(): void;
}

/** Lays the files out as the cloud does, where a file is called `ZN…` and only `Runtime` knows what it is. */
export function layOut(functions: readonly UploadedFile[], assets: readonly UploadedFile[]): Cloud {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-cloud-'));
  const files = join(folder, 'files');
  mkdirSync(files);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
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
    invoke: (name, env, event) => invoke(folder, { name, context: env, event }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function invoke(folder: string, message: { name: string; context: object; event: object }): Promise<CloudAnswer> {
  const child = fork(resolve(__dirname, 'cloud-runtime.cjs'), [folder], { silent: true, execArgv: [] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise<CloudAnswer>((done, fail) => {
    let answer: Omit<CloudAnswer, 'output'> | undefined;
    child.on(
      'message',
      (reply: { ready?: true; response?: { statusCode: number; headers: Record<string, string>; body: string } }) => {
        if (reply.ready) child.send(message);
        if (reply.response === undefined) return;
        const { statusCode, headers, body } = reply.response;
        answer = { httpStatus: statusCode, headers, body };
        child.kill();
      },
    );
    child.on('close', () =>
      answer ? done({ ...answer, output }) : fail(new Error(`the function gave no answer:\n${output}`)),
    );
  });
}
