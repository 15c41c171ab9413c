import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { getListOfFunctionsAndAssets } from '@twilio-labs/serverless-api/dist/utils';
import { startSynthflow } from '../lab/synthflow/api';
import { voiceParameters } from '../lab/twilio/webhook';
import { build, readBuild } from '../tools/build/build';
import { layOut } from './setup/cloud';

const root = resolve(__dirname, '..');

/** What the toolkit would upload from this folder, found by its own code. */
const listing = (folder: string) =>
  getListOfFunctionsAndAssets(folder, { functionsFolderNames: ['functions'], assetsFolderNames: ['assets'] });

/** The modules of this kind by their path below it, with `/` whatever the system. */
const sourceNames = (kind: 'functions' | 'assets'): string[] =>
  readdirSync(resolve(root, 'src', kind), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replaceAll('\\', '/').replace(/\.(private|protected)\.ts$/, ''));

describe('What is deployed', () => {
  test('is one protected function for each file of src/functions, and one private asset for each of src/assets', async () => {
    const { functions, assets } = await listing(resolve(root, 'dist'));

    expect(functions.map(({ path, access }) => [path, access]).sort()).toEqual(
      sourceNames('functions')
        .map((name) => [`/${name}`, 'protected'])
        .sort(),
    );
    const modules = sourceNames('assets').map((name) => [`/${name}.js`, 'private']);
    expect(assets.map(({ path, access }) => [path, access]).sort()).toEqual(
      [...modules, ['/fallback.xml', 'protected']].sort(),
    );
  });

  test('leaves out what an earlier build left behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-dist-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'assets', 'old.private.js.map'), '{}');
    const before = await listing(folder);
    await build(root, folder, {});
    const after = await listing(folder);
    rmSync(folder, { recursive: true });

    expect(before.assets).toMatchObject([{ access: 'public' }]);
    expect([...after.assets, ...after.functions].filter(({ access }) => access === 'public')).toEqual([]);
    expect(after.assets.map(({ path }) => path)).not.toContain('/old.private.js.map');
  });

  test.each([
    [{}, '<Say>We are sorry, our assistant cannot take your call at the moment.</Say><Hangup/>'],
    // Nobody can leave a message where no function takes the recording.
    [
      { CALL_ROUTE: 'agent,voicemail' },
      '<Say>We are sorry, our assistant cannot take your call at the moment.</Say><Hangup/>',
    ],
    [
      {
        CALL_ROUTE: 'agent,voicemail,+15550100190,+15550100191',
        FALLBACK_MESSAGE: 'One moment & thanks.',
        FALLBACK_LANGUAGE: 'en-GB',
        FALLBACK_VOICE: 'alice',
        CALLER_ID: '+15550100180',
      },
      '<Say language="en-GB" voice="alice">One moment &amp; thanks.</Say><Dial timeout="20" callerId="+15550100180"><Number>+15550100190</Number></Dial>',
    ],
  ])('has a fallback for when no function answers, rendered from the settings %j', async (environment, content) => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-dist-'));
    await build(root, folder, environment);
    const xml = readFileSync(join(folder, 'assets/fallback.protected.xml'), 'utf8');
    rmSync(folder, { recursive: true });

    expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?><Response>${content}</Response>`);
  });

  test('names a build that differs with the code and with the settings of the fallback', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-dist-'));
    const buildOf = async (environment: Record<string, string>): Promise<string> => {
      await build(root, folder, environment);
      return readBuild(folder);
    };
    const [one, same, other] = [
      await buildOf({}),
      await buildOf({}),
      await buildOf({ FALLBACK_MESSAGE: 'Please wait.' }),
    ];
    rmSync(folder, { recursive: true });

    expect(one).toMatch(/^[0-9a-f]{12}$/);
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  test('is found by both tools through .twilioserverlessrc', () => {
    const config = readFileSync(resolve(root, '.twilioserverlessrc'), 'utf8');

    expect(config).toContain('"functionsFolder": "dist/functions"');
    expect(config).toContain('"assetsFolder": "dist/assets"');
    expect(config).toContain('"runtime": "node22"');
  });

  test("answers a call in the cloud's layout, where files have neither folders nor extensions", async () => {
    const { functions, assets } = await listing(resolve(root, 'dist'));
    const cloud = layOut(functions, assets);
    const synthflow = await startSynthflow('test-api-key');
    const env = { SYNTHFLOW_API_KEY: 'test-api-key', SYNTHFLOW_MODEL_ID: 'agent', SYNTHFLOW_API_URL: synthflow.apiUrl };
    const { answers } = await cloud
      .invoke('/inbound', env, [voiceParameters('+15550100142', '+15550100198')])
      .finally(() => Promise.all([synthflow.stop(), cloud.remove()]));

    expect(answers).toMatchObject([{ httpStatus: 200, headers: { 'Content-Type': 'text/xml' } }]);
    expect(answers[0]?.body).toContain('<Sip>sip:+15550100198@sipin.synthflow.ai:32681?X-EI=S.');
    expect(synthflow.exchanges).toHaveLength(1);
  });

  test('has no relative require left, which would break in the cloud', () => {
    const files = readdirSync(resolve(root, 'dist'), { recursive: true, encoding: 'utf8' });
    const code = files
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFileSync(resolve(root, 'dist', file), 'utf8'));

    expect(code.length).toBeGreaterThan(15);
    expect(code.join('\n')).not.toMatch(/(require|import)\(\s*["'`]\./);
    expect(code.join('\n')).toContain("require(Runtime.getAssets()['/synthflow/prepare.js'].path)");
  });

  test('prepares the call with axios and writes TwiML with one class of the SDK', () => {
    const read = (file: string): string => readFileSync(resolve(root, 'dist/assets', file), 'utf8');

    expect(read('http/post.private.js')).toContain('require("axios")');
    expect(read('twilio/twiml.private.js')).toContain('require("twilio/lib/twiml/VoiceResponse")');
  });
});
