import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { getListOfFunctionsAndAssets } from '@twilio-labs/serverless-api/dist/utils';
import { build } from '../tools/build';
import { layOut } from '../tools/lab/cloud';
import { voiceParameters } from '../tools/lab/parameters';
import { startSynthflow } from '../tools/lab/synthflow';

const root = resolve(__dirname, '..');
const packageJson = require('../package.json');

/** What the toolkit would upload from this folder, found by its own code. */
const listing = (folder: string) =>
  getListOfFunctionsAndAssets(folder, { functionsFolderNames: ['functions'], assetsFolderNames: ['assets'] });

const sourceNames = (kind: 'functions' | 'assets'): string[] =>
  readdirSync(resolve(root, 'src', kind)).map((file) => file.replace(/\.(private|protected)\.ts$/, ''));

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
    build(folder, {});
    const after = await listing(folder);
    rmSync(folder, { recursive: true });

    expect(before.assets).toMatchObject([{ access: 'public' }]);
    expect([...after.assets, ...after.functions].filter(({ access }) => access === 'public')).toEqual([]);
    expect(after.assets.map(({ path }) => path)).not.toContain('/old.private.js.map');
  });

  test.each([
    [{}, '<Say>We are sorry, our assistant cannot take your call at the moment.</Say><Hangup/>'],
    [
      {
        FALLBACK_NUMBER: '+15550100190',
        FALLBACK_MESSAGE: 'One moment & thanks.',
        FALLBACK_LANGUAGE: 'en-GB',
        FALLBACK_VOICE: 'alice',
        FALLBACK_VOICEMAIL: 'true',
      },
      '<Say language="en-GB" voice="alice">One moment &#38; thanks.</Say><Dial timeout="25"><Number>+15550100190</Number></Dial>',
    ],
  ])('has a fallback for when no function answers, rendered from the settings %j', (environment, content) => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-dist-'));
    build(folder, environment);
    const xml = readFileSync(join(folder, 'assets/fallback.protected.xml'), 'utf8');
    rmSync(folder, { recursive: true });

    expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?><Response>${content}</Response>`);
  });

  test('is found by both tools through .twilioserverlessrc', () => {
    const config = readFileSync(resolve(root, '.twilioserverlessrc'), 'utf8');

    expect(config).toContain('"functionsFolder": "dist/functions"');
    expect(config).toContain('"assetsFolder": "dist/assets"');
    expect(config).toContain('"runtime": "node22"');
  });

  test('has exact versions, because the cloud installs without the lock file', () => {
    for (const version of Object.values<string>(packageJson.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    // 2.0.1 is the newest that both npm and the cloud's list have.
    expect(packageJson.dependencies['@twilio/runtime-handler']).toBe('2.0.1');
  });

  test("answers a call in the cloud's layout, where files have neither folders nor extensions", async () => {
    const { functions, assets } = await listing(resolve(root, 'dist'));
    const cloud = layOut(functions, assets);
    const synthflow = await startSynthflow('test-api-key');
    const env = { SYNTHFLOW_API_KEY: 'test-api-key', SYNTHFLOW_MODEL_ID: 'agent', SYNTHFLOW_API_URL: synthflow.apiUrl };
    const answer = await cloud
      .invoke('/inbound', env, voiceParameters('+15550100142', '+15550100100'))
      .finally(() => Promise.all([synthflow.stop(), cloud.remove()]));

    expect(answer).toMatchObject({ httpStatus: 200, headers: { 'Content-Type': 'text/xml' } });
    expect(answer.body).toContain('<Sip>sip:+15550100100@sipin.synthflow.ai:32681?X-EI=S.');
    expect(synthflow.exchanges).toHaveLength(1);
  });
});
