// The part of Twilio's cloud runtime that a function meets, in a process of its own: started by cloud.ts with the
// folder that holds the uploaded files under their cloud names. Plain JavaScript, since no compiler runs there.
const { join } = require('node:path');

const [folder] = process.argv.slice(2);
const { assets, functions, responsePath } = require(join(folder, 'manifest.json'));

global.Runtime = { getAssets: () => assets, getFunctions: () => functions };
global.Twilio = {
  // Loaded on first use, as runtime-handler does in the cloud since 1.1.0.
  get Response() {
    return require(responsePath).Response;
  },
  get twiml() {
    return require('twilio').twiml;
  },
};

process.on('message', async ({ name, context, event }) => {
  const { handler } = require(functions[name].path);
  await handler(context, event, (error, response) =>
    process.send({ error: error && String(error), response: response?.serialize() }),
  );
});
process.send({ ready: true });
