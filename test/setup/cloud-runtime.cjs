// The part of Twilio's cloud runtime that a function meets, in a process of its own: started by cloud.ts with the
// folder that holds the uploaded files under their cloud names. Plain JavaScript, since no compiler runs there.
const functions = require('./cloud-globals.cjs')(process.argv[2]);

// As AWS Lambda's runtime, which ends the process for these whatever else listens.
process.on('unhandledRejection', () => process.exit(128));
process.on('uncaughtException', () => process.exit(129));

process.on('message', ({ name, context, event }) => {
  const { handler } = require(functions[name].path);
  handler(context, event, (error, response) =>
    // A response of the runtime's own class, or a TwiML object of the SDK.
    process.send({
      error: error && String(error),
      response: response?.serialize?.() ?? { statusCode: 200, headers: {}, body: String(response) },
    }),
  );
});
process.send({ ready: true });
