// The yardstick that only asks: axios, and an answer put together as text.
const axios = require('axios');

exports.handler = async (context, event, callback) => {
  const { data } = await axios.post(
    `${context.SYNTHFLOW_API_URL}/prepare_inbound`,
    { from_number: event.From, to_number: event.To, model_id: context.SYNTHFLOW_MODEL_ID, custom_variables: {} },
    { headers: { Authorization: `Bearer ${context.SYNTHFLOW_API_KEY}` }, timeout: 4000 },
  );
  const response = new Twilio.Response();
  response.appendHeader('Content-Type', 'text/xml');
  response.setBody(
    `<Response><Dial><Sip>sip:${event.To}@sipin.synthflow.ai:32681?X-EI=S.${data.synthflow_call_id}%3B</Sip></Dial></Response>`,
  );
  callback(null, response);
};
