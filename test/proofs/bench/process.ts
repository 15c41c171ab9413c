import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { labNumbers } from '../../../lab/scenarios';
import { type Cloud, layOut, type UploadedFile } from '../../setup/cloud';
import type { ApiReport } from './api';

const root = resolve(__dirname, '../../..');

/** What a function is called with. */
export interface BenchCall {
  readonly env: Readonly<Record<string, string>>;
  readonly event: Readonly<Record<string, string>>;
}

/** Who is measured warm: the bridge, the plain function, and the request that none can do without. */
export type Contender = 'bridge' | 'plain' | 'bare';

/** The stand-in of the API, in a process of its own. */
export interface BenchApi extends ApiReport {
  /** When the last request was there whole, and when it was answered; see `now`. */
  times(): Promise<{ readonly arrivedAt: number; readonly answeredAt: number }>;
  stop(): void;
}

/** A process that times contenders. */
export interface Worker {
  /** Runs a job of worker.cjs; `progress` goes from 0 to 1. */
  run<T>(job: object, progress?: (share: number) => void): Promise<T>;
  stop(): void;
}

/** The next message that matches; rejects when the process ends before it. */
export function next<T>(child: ChildProcess, pick: (message: Record<string, unknown>) => T | undefined): Promise<T> {
  return new Promise((done, fail) => {
    const listen = (message: unknown): void => {
      const picked = pick(message as Record<string, unknown>);
      if (picked === undefined) return;
      child.off('message', listen);
      child.off('exit', ended);
      done(picked);
    };
    const ended = (code: number | null): void => fail(new Error(`a process of the benchmark ended with ${code}`));
    child.on('message', listen);
    child.on('exit', ended);
  });
}

/** Starts the API on free ports of this machine. */
export async function startApi(): Promise<BenchApi> {
  const child = fork(resolve(__dirname, 'api.ts'), { execArgv: ['--import', 'tsx'] });
  const report = await next(child, (message) => ('nearUrl' in message ? (message as unknown as ApiReport) : undefined));
  return {
    ...report,
    times: () => {
      child.send('times');
      return next(child, ({ times }) => times as Awaited<ReturnType<BenchApi['times']>> | undefined);
    },
    stop: () => void child.kill(),
  };
}

/** Starts a worker over the uploaded files; it trusts the certificate in this file beside the public ones. */
export async function startWorker(folder: string, certificateFile: string): Promise<Worker> {
  const child = fork(resolve(__dirname, 'worker.cjs'), [folder], {
    // The bridge writes a log line for each call; nobody reads it here.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--expose-gc'],
    env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: certificateFile },
  });
  await next(child, ({ ready }) => ready);
  return {
    run: (job, progress = () => undefined) => {
      const told = (message: unknown): void => {
        if (typeof message === 'object' && message !== null && 'progress' in message)
          progress(Number(message.progress));
      };
      child.on('message', told);
      child.send(job);
      return next(child, ({ result }) => result as never).finally(() => child.off('message', told));
    },
    stop: () => void child.kill(),
  };
}

/** The built bridge beside the yardsticks that are functions, as uploaded. */
export function layOutContenders(): Cloud {
  const read = (kind: string): UploadedFile[] =>
    readdirSync(join(root, 'dist', kind), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(js|xml)$/.test(name))
      .map((name) => ({
        path: `/${name.replace(/\.(protected|private)/, '').replace(kind === 'functions' ? /\.js$/ : '', '')}`,
        content: readFileSync(join(root, 'dist', kind, name)),
      }));
  const yardstick = (name: string): UploadedFile => ({
    path: `/${name}`,
    content: readFileSync(resolve(__dirname, `${name}.cjs`)),
  });
  return layOut([...read('functions'), yardstick('plain'), yardstick('axios'), yardstick('empty')], read('assets'));
}

/** A call as the contenders get it, prepared at this API. */
export const benchCall = (apiUrl: string): BenchCall => ({
  env: { SYNTHFLOW_API_KEY: 'bench-api-key', SYNTHFLOW_MODEL_ID: 'bench-agent', SYNTHFLOW_API_URL: apiUrl },
  event: {
    CallSid: `CA${'0123456789abcdef'.repeat(2)}`,
    CallStatus: 'ringing',
    Direction: 'inbound',
    From: labNumbers.caller,
    To: labNumbers.called,
  },
});
