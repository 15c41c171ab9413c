// The global scope of Twilio's cloud, over a folder of uploaded files. Returns the functions by path.
const { join } = require('node:path');

module.exports = (folder) => {
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
  return functions;
};
