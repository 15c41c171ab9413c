import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as VoiceResponse from 'twilio/lib/twiml/VoiceResponse';

// What Twilio's runtime puts into the global scope, with the sources in the place of the built assets.
const assets = resolve(__dirname, '../../src/assets');
const modules = readdirSync(assets).filter((file) => file.endsWith('.private.ts'));
const paths = Object.fromEntries(
  modules.map((file) => [`/${file.replace('.private.ts', '.js')}`, { path: join(assets, file) }]),
);
// The shipped number table is empty; the tests' own has an entry for each thing that an entry can change.
paths['/numbers.js'] = { path: resolve(__dirname, '../fixtures/numbers.ts') };

const development = dirname(require.resolve('@twilio/runtime-handler/dev'));
const { Response } = require(join(development, 'internal/response.js'));

Object.assign(globalThis, { Runtime: { getAssets: () => paths }, Twilio: { Response, twiml: { VoiceResponse } } });
