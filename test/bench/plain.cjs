// The yardstick that most people would write: axios, and the SDK's VoiceResponse from the runtime's global.
const axios = require('axios');

exports.handler = async (context, event, callback) => {
  const response = new Twilio.twiml.VoiceResponse();
  try {
    const { data } = await axios.post(
      `${context.SYNTHFLOW_API_URL}/prepare_inbound`,
      { from_number: event.From, to_number: event.To, model_id: context.SYNTHFLOW_MODEL_ID, custom_variables: {} },
      { headers: { Authorization: `Bearer ${context.SYNTHFLOW_API_KEY}` }, timeout: 4000 },
    );
    const id = encodeURIComponent(`S.${data.synthflow_call_id};`);
    response.dial({ answerOnBridge: true }).sip(`sip:${event.To}@sipin.synthflow.ai:32681?X-EI=${id}`);
  } catch {
    response.say('We are sorry, our assistant cannot take your call at the moment.');
  }
  callback(null, response);
};
