// Preloaded into a command under test: no name is resolved, as on a machine without a network.
const dns = require('node:dns');

dns.lookup = (name, options, callback = options) => {
  const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
  process.nextTick(callback, error);
};
