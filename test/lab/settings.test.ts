import { firstNumber, playedEnvironment, type StandIns, secretsOf } from '../../lab/settings';

const standIns: StandIns = {
  authToken: 'token',
  sipAddress: '127.0.0.1:5060',
  notifyUrl: 'http://127.0.0.1:1/',
  apiUrl: 'http://127.0.0.1:2/v2',
  apiKey: 'stand-in-key',
};
const own = {
  SYNTHFLOW_API_KEY: 'the-own-key',
  SYNTHFLOW_MODEL_ID: 'own-agent',
  SYNTHFLOW_REGION: 'eu',
  SYNTHFLOW_API_URL: 'https://api.example.com/v2',
  SYNTHFLOW_SIP_TERMINATION: 'sip.example.com:5060',
  SYNTHFLOW_SIP_TRANSPORT: 'tls',
  SYNTHFLOW_SIP_SRTP: 'true',
  CALL_ROUTE: 'agent,+15550100190',
  X_SYNTHFLOW_SIP_NOTE: 'mine',
};

describe('The settings that a call is played with', () => {
  test("are the owner's, with stand-ins for Synthflow; the key goes nowhere", () => {
    expect(playedEnvironment(own, standIns, {})).toEqual({
      SYNTHFLOW_API_KEY: 'stand-in-key',
      SYNTHFLOW_MODEL_ID: 'own-agent',
      SYNTHFLOW_REGION: 'eu',
      SYNTHFLOW_API_URL: 'http://127.0.0.1:2/v2',
      SYNTHFLOW_SIP_TERMINATION: '127.0.0.1:5060',
      CALL_ROUTE: 'agent,+15550100190',
      X_SYNTHFLOW_SIP_NOTE: 'mine',
      AUTH_TOKEN: 'token',
    });
  });

  test('leave out every login for deploying, since the emulator reads a file', () => {
    const login = { ACCOUNT_SID: 'AC', AUTH_TOKEN: 'own', TWILIO_API_KEY: 'SK', TWILIO_API_SECRET: 's' };
    const played = playedEnvironment({ ...own, ...login, TWILIO_AUTH_TOKEN: 't', CRM_TOKEN: 'mine' }, standIns, {});

    expect(played).toMatchObject({ AUTH_TOKEN: 'token', CRM_TOKEN: 'mine' });
    expect(Object.keys(played).filter((name) => /^(TWILIO|ACCOUNT)/.test(name))).toEqual([]);
  });

  test('need neither key nor agent for the stand-in', () => {
    expect(playedEnvironment({}, standIns, {})).toMatchObject({
      SYNTHFLOW_API_KEY: 'stand-in-key',
      SYNTHFLOW_MODEL_ID: 'lab-agent',
    });
  });

  test('keep a setting that is wrong, so that the call shows what it does', () => {
    expect(playedEnvironment({ ...own, SYNTHFLOW_REGION: 'mars' }, standIns, {})).toMatchObject({
      SYNTHFLOW_REGION: 'mars',
    });
  });

  test('are overridden by the scenario', () => {
    expect(playedEnvironment(own, standIns, { CALL_ROUTE: 'voicemail', SYNTHFLOW_API_KEY: '' })).toMatchObject({
      CALL_ROUTE: 'voicemail',
      SYNTHFLOW_API_KEY: '',
    });
  });

  test('post a voicemail to the stand-in if NOTIFY_URL is set', () => {
    const wanted = { NOTIFY_URL: 'https://chat.example.com/hook' };

    expect(playedEnvironment({ ...own, ...wanted }, standIns, {}).NOTIFY_URL).toBe('http://127.0.0.1:1/');
    expect(playedEnvironment(own, standIns, wanted).NOTIFY_URL).toBe('http://127.0.0.1:1/');
    expect(playedEnvironment({ ...own, NOTIFY_URL: '' }, standIns, {}).NOTIFY_URL).toBe('');
  });

  test('name the secrets that no output may show', () => {
    const table = { '+15550100155': { apiKey: 'key-of-155', notifyUrl: 'https://chat.example.com/155' } };

    expect(secretsOf({ ...own, NOTIFY_URL: 'https://chat.example.com/hook' }, table)).toEqual([
      'the-own-key',
      'https://chat.example.com/hook',
      'key-of-155',
      'https://chat.example.com/155',
    ]);
    expect(secretsOf({}, { '+15550100156': {} })).toEqual([]);
    // It would hide the same letters in every word.
    expect(secretsOf({ SYNTHFLOW_API_KEY: 'agent' }, {})).toEqual([]);
  });

  test("call the number table's first phone number, else the lab's", () => {
    expect(firstNumber({ 'sip:sales@acme.sip.twilio.com': {}, '+15550100155': {}, '+15550100156': {} })).toBe(
      '+15550100155',
    );
    expect(firstNumber({})).toBe('+15550100100');
  });
});
