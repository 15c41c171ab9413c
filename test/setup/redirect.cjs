// Sends every https request to a stand-in on this machine, which reads in x-meant-for where it was meant to go.
// Preloaded into a command that runs as a process of its own, it takes the stand-in's port from STAND_IN_PORT.
const http = require('node:http');
const https = require('node:https');

/** A `https.request` whose requests all go to this port. */
exports.redirectTo =
  (port) =>
  (first, ...rest) => {
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

if (process.env.STAND_IN_PORT !== undefined) {
  https.request = exports.redirectTo(Number(process.env.STAND_IN_PORT));
  https.get = (...args) => https.request(...args).end();
}
