// Preloaded into twilio-run, which listens on every interface and answers anybody. In the lab it listens on this machine
// only, and answers only the gateway: functions that hold a real key must be out of reach of a network and of web pages.
const http = require('node:http');

const { createServer } = http;
const token = process.env.LAB_TOKEN;

http.createServer = (app) => {
  const server = createServer((request, response) => {
    if (request.headers['x-lab-token'] === token) app(request, response);
    else response.writeHead(403).end();
  });
  const listen = server.listen.bind(server);
  server.listen = (port, listening) => listen(port, '127.0.0.1', listening);
  return server;
};
