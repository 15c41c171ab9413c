import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import axios from 'axios';
import type { LocalServer } from '../lab/http';
import { type Lab, startLab } from '../lab/lab';
import { startLabServer } from '../lab/page/lab-server';
import { labNumbers, type ScenarioName, scenarios } from '../lab/scenarios';
import { startEmulator } from '../lab/twilio/emulator';
import { labAuthToken } from '../lab/twilio/webhook';
import { build } from '../tools/build/build';

// Log lines, answers and TwiML are held to the same in test/properties.
const canaries = {
  SYNTHFLOW_API_KEY: 'canary-api-key-1f0e2d3c4b5a',
  ACCOUNT_SID: 'ACcanary0123456789',
  AUTH_TOKEN: 'canary-auth-token-9a8b7c6d',
  TWILIO_API_SECRET: 'canary-api-secret-77aa',
};

/** All that the files below this folder hold. */
function contentOf(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
}

describe('A build in an environment with secrets', () => {
  test('holds none of them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-leaks-'));
    await build(resolve(__dirname, '..'), folder, { ...canaries, FALLBACK_MESSAGE: 'Please call again.' });
    const content = contentOf(folder);
    rmSync(folder, { recursive: true });

    expect(content).toContain('Please call again.');
    for (const canary of Object.values(canaries)) expect(content).not.toContain(canary);
  });
});

describe("The emulator's folder, which holds the key", () => {
  test('is gone once the emulator has stopped', async () => {
    const { folder, stop } = await startEmulator({ env: canaries, warm: true });
    const content = contentOf(folder);
    await stop();

    expect(content).toContain(canaries.SYNTHFLOW_API_KEY);
    expect(existsSync(folder)).toBe(false);
  });
});

describe("The lab's page", () => {
  /** One call of each shape. */
  const shapes: readonly ScenarioName[] = [
    'answered',
    'unauthorized',
    'agent-busy',
    'transfer-forbidden',
    'person-busy',
    'closed',
    'missed',
    'function-gone',
  ];

  let lab: Lab;
  let server: LocalServer;
  beforeAll(async () => {
    lab = await startLab({ secondMs: 20 });
    server = await startLabServer(lab, {
      settings: async () => ({ environment: {}, numbers: {} }),
      source: () => 'its own',
      pace: 50,
    });
  });
  afterAll(async () => {
    await server.stop();
    await lab.stop();
  });

  test("shows neither the key nor the signing token after any call, and no printed line with a caller's number", async () => {
    for (const scenario of shapes) await axios.post(`${server.url}api/calls`, { scenario }, { proxy: false });
    // A call that the lab places itself comes after the page's calls.
    await lab.place(scenarios.answered);
    const { data } = await axios.get(`${server.url}api/news`, { proxy: false });
    const calls: { state: string; story: { log: string[]; printed: string[]; steps: object[] } }[] = data.calls;

    expect(calls).toHaveLength(shapes.length);
    expect(calls.filter(({ state }) => state === 'running')).toEqual([]);
    expect(JSON.stringify(calls)).toContain('/v2/prepare_inbound');
    // The page masks both wherever they occur, and so a mask would tell that one of them had been there.
    expect(JSON.stringify(calls)).not.toMatch(new RegExp(`lab-api-key|${labAuthToken}|•••`));
    // The one function that crashes writes no line.
    expect(calls.flatMap(({ story }) => story.log).length).toBeGreaterThanOrEqual(shapes.length - 1);
    const lines = calls.flatMap(({ story }) => [...story.log, ...story.printed]);
    for (const number of Object.values(labNumbers)) expect(lines.join()).not.toContain(number.slice(1));
  });
});
