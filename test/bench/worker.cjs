// Calls one function again and again, in a process of its own with the layout and the globals of Twilio's cloud. Plain
// JavaScript, so that no compiler is part of what is measured.
const { performance } = require('node:perf_hooks');

const functions = require('../setup/cloud-globals.cjs')(process.argv[2]);

process.on('message', async ({ name, context, event, settling, calls }) => {
  const call = () =>
    new Promise((done, fail) => {
      const { handler } = require(functions[name].path);
      handler(context, event, (error, response) => (error ? fail(error) : done(response.body ?? response.toString())));
    });
  let answer = '';
  for (let count = 0; count < settling; count += 1) answer = await call();
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let count = 0; count < calls; count += 1) answer = await call();
  const { user, system } = process.cpuUsage(cpu);
  process.send({ cpuMs: (user + system) / 1000 / calls, ms: (performance.now() - start) / calls, answer });
});
process.send({ ready: true });
process.on('disconnect', () => process.exit());
