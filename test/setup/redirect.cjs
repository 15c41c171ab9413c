// Preloaded into the commands under test: every https request goes to the stand-in of STAND_IN_PORT, which reads in
// x-meant-for where it was meant to go. Nothing can reach the real Twilio or Synthflow from here.
const http = require('node:http');
const https = require('node:https');

const port = Number(process.env.STAND_IN_PORT);

https.request = (first, ...rest) => {
  const url = typeof first === 'string' || first instanceof URL ? new URL(first) : undefined;
  const options = { ...(url ? rest.find((one) => typeof one === 'object') : first) };
  const onResponse = rest.find((one) => typeof one === 'function');
  const host = url?.hostname ?? options.hostname ?? options.host;
  const path = url && options.path === undefined ? url.pathname + url.search : options.path;
  const headers = { ...options.headers, 'x-meant-for': host };
  const login = url?.username ? `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` : undefined;
  const auth = options.auth ?? login;
  const redirected = { method: options.method, path, headers, auth, host: '127.0.0.1', hostname: '127.0.0.1', port };
  return http.request(redirected, onResponse);
};
https.get = (...args) => https.request(...args).end();
