import { dirname, join, resolve } from 'node:path';
import { installRuntime } from '../../tools/runtime';

// What Twilio's runtime puts into the global scope, with the sources in the place of the built assets.
installRuntime();
// The shipped number table is empty; the tests' own has an entry for each thing that an entry can change.
Object.assign(Runtime.getAssets()['/numbers.js'], { path: resolve(__dirname, '../fixtures/numbers.ts') });

const development = dirname(require.resolve('@twilio/runtime-handler/dev'));
const { Response } = require(join(development, 'internal/response.js'));

Object.assign(globalThis, { Twilio: { Response } });
