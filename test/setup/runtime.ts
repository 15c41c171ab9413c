import { dirname, join } from 'node:path';

// What Twilio's runtime puts into the global scope, as far as the bridge uses it.
const development = dirname(require.resolve('@twilio/runtime-handler/dev'));
const { Response } = require(join(development, 'internal/response.js'));

Object.assign(globalThis, { Twilio: { Response } });
