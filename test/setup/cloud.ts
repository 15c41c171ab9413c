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
  /** All that the function printed. */
  readonly output: string;
}

/** The uploaded files in the layout of Twilio's cloud: one folder of files without extension. */
export interface Cloud {
  /** Where they are; `cloud-globals.cjs` reads them from there. */
  readonly folder: string;
  /** Runs one invocation in a new process; rejects when the process gives no answer. */
  invoke(name: string, env: Readonly<Record<string, string>>, event: object): Promise<CloudAnswer>;
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
    invoke: (name, env, event) => invoke(folder, { name, context: env, event }),
    remove,
  };
}

/** Milliseconds that an invocation may take on a busy machine; the cloud gives it 10 s. */
const deadlineMs = 120_000;

function invoke(folder: string, message: { name: string; context: object; event: object }): Promise<CloudAnswer> {
  const child = fork(resolve(__dirname, 'cloud-runtime.cjs'), [folder], { silent: true, execArgv: [] });
  const timer = setTimeout(() => child.kill(), deadlineMs);
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
    child.on('close', () => {
      clearTimeout(timer);
      return answer
        ? done({ ...answer, output })
        : fail(new Error(`the function gave no answer within ${deadlineMs / 1000} s:\n${output}`));
    });
  });
}
