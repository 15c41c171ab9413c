// Preloaded into twilio-run, which listens on every interface and answers anybody. In the lab it listens on loopback
// and answers only the gateway, so that neither the network nor a web page reaches the owner's functions.
const http = require('node:http');

const { createServer } = http;
const token = process.env.LAB_TOKEN;

http.createServer = (app) => {
  const server = createServer((request, response) => {
    if (request.headers['x-lab-token'] !== token) return response.writeHead(403).end();
    // In the environment, so that a process that starts for one request has it, too.
    process.env.LAB_CLOCK_AHEAD_MS = request.headers['x-lab-clock-ahead-ms'] ?? '';
    return app(request, response);
  });
  const listen = server.listen.bind(server);
  server.listen = (port, listening) => listen(port, '127.0.0.1', listening);
  return server;
};

// A lab that is killed can't end it, and nobody else would.
const lab = process.ppid;
setInterval(() => process.ppid !== lab && process.exit(1), 1000).unref();

// Hours are judged at the time that the call is placed for: the clock of these functions may go ahead of the real one.
const RealDate = Date;
const ahead = () => Number(process.env.LAB_CLOCK_AHEAD_MS) || 0;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length > 0 ? args : [RealDate.now() + ahead()]));
  }
  static now() {
    return RealDate.now() + ahead();
  }
};
