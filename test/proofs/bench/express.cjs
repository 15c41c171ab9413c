// The yardstick of Synthflow's guide: a server of one's own with an Express route. Tells its port to the process that started it.
const axios = require('axios');
const express = require('express');
const { twiml } = require('twilio');

const app = express();
app.use(express.urlencoded({ extended: false }));
app.post('/inbound', async (request, response) => {
  const { From, To } = request.body;
  const { data } = await axios.post(
    `${process.env.SYNTHFLOW_API_URL}/prepare_inbound`,
    { from_number: From, to_number: To, model_id: process.env.SYNTHFLOW_MODEL_ID, custom_variables: {} },
    { headers: { Authorization: `Bearer ${process.env.SYNTHFLOW_API_KEY}` } },
  );
  const answer = new twiml.VoiceResponse();
  answer.dial().sip(`sip:${To}@sipin.synthflow.ai:32681?X-EI=${encodeURIComponent(`S.${data.synthflow_call_id};`)}`);
  response.type('text/xml').send(answer.toString());
});

const server = app.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
// The benchmark has ended.
process.on('disconnect', () => process.exit());
exports.server = server;
