// Times contenders in a process of its own, in the layout and with the globals of Twilio's cloud: started by process.ts
// with the folder of the uploaded files. Plain JavaScript, so that no compiler is part of what is measured.
const http = require('node:http');
const https = require('node:https');
const { once } = require('node:events');
const { createHistogram } = require('node:perf_hooks');
const functions = require('../../setup/cloud-globals.cjs')(process.argv[2]);

/** Runs a function to its callback. */
const callFunction = (name, { env, event }) =>
  new Promise((done, fail) => {
    const { handler } = require(functions[name].path);
    handler(env, event, (error, response) => (error ? fail(error) : done(response.body ?? response.toString())));
  });

const agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };

/** One POST over a kept connection, and its whole answer: what no bridge can do without. */
async function post(url, body, headers) {
  const request = (url.startsWith('https:') ? https : http).request(url, {
    method: 'POST',
    agent: agents[new URL(url).protocol],
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
  });
  request.end(body);
  const [response] = await once(request, 'response');
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const prepareBody = ({ env, event }) =>
  JSON.stringify({
    from_number: event.From,
    to_number: event.To,
    model_id: env.SYNTHFLOW_MODEL_ID,
    custom_variables: {},
  });

/** Every contender by name: what is timed, up to the whole answer. */
function contendersOf(call) {
  const url = `${call.env.SYNTHFLOW_API_URL}/prepare_inbound`;
  const json = { 'content-type': 'application/json', authorization: `Bearer ${call.env.SYNTHFLOW_API_KEY}` };
  return {
    bare: () => post(url, prepareBody(call), json),
    bridge: () => callFunction('/inbound', call),
    plain: () => callFunction('/plain', call),
  };
}

const prepared = '?X-EI=S.a29407fb';
/** What the answer of each contender holds: one that answers something else isn't a yardstick, however fast. */
const expected = { bare: 'a29407fb', bridge: prepared, plain: prepared };

/** Milliseconds of one call; throws when it was not answered as it should be. */
async function timed(contenders, name) {
  const start = performance.now();
  const answer = await contenders[name]();
  const took = performance.now() - start;
  if (!answer.includes(expected[name])) throw new Error(`${name}: expected ${expected[name]}; found ${answer}`);
  return took;
}

const jobs = {
  /** Milliseconds of one contender's calls, one after the other, the first one included. */
  async series({ name, calls }, contenders) {
    const times = [];
    for (let call = 0; call < calls; call += 1) times.push(await timed(contenders, name));
    return times;
  },
  /** Overlapping calls until both limits are reached, in seconds and in calls; memory after a collection, in bytes. */
  async load({ name, concurrent, seconds, calls, settleCalls }, contenders) {
    const histogram = createHistogram();
    let done = 0;
    const lane = async (enough) => {
      while (!enough()) {
        histogram.record(Math.max(1, Math.round((await timed(contenders, name)) * 1000)));
        done += 1;
        if (done % 5000 === 0) process.send({ progress: Math.min(1, done / (calls + settleCalls)) });
      }
    };
    const all = (enough) => Promise.all(Array.from({ length: concurrent }, () => lane(enough)));
    await all(() => done >= settleCalls);
    histogram.reset();
    const before = memory();
    const start = performance.now();
    const elapsed = () => (performance.now() - start) / 1000;
    done = 0;
    await all(() => elapsed() >= seconds && done >= calls);
    const callsPerSecond = done / elapsed();
    const [p50, p99] = [50, 99].map((percentile) => histogram.percentile(percentile) / 1000);
    return { calls: done, seconds: elapsed(), callsPerSecond, p50, p99, before, after: memory() };
  },
};

function memory() {
  global.gc();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapUsed, rss };
}

process.on('message', async ({ job, call, ...options }) => {
  const contenders = contendersOf(call);
  process.send({ result: await jobs[job](options, contenders) });
});
process.send({ ready: true });
// Nothing of the benchmark outlives it.
process.on('disconnect', () => process.exit());
