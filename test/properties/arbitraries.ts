import { maxHeaderSize } from 'node:http';
import fc from 'fast-check';
import { labNumbers } from '../../lab/scenarios';
import { ownParameters } from '../../src/assets/twilio/own-url.private';
import type { RawAnswer } from '../setup/raw-api';

/** Planted where a caller, a setting or a platform could bring something secret; no log line may hold any of it. */
export const canaries = {
  apiKey: 'canary-api-key-1f0e2d3c4b5a',
  authToken: 'canary-auth-token-9a8b7c6d',
  caller: '+15550100142',
  body: 'canary-platform-body',
} as const;

const phones = [
  ...['+15550100190', '+15550100191', '+15550100192', labNumbers.called, '+15550100101', '+15550100102'],
  // With hours.
  ...['+15550100111', '+15550100112', '+15550100113'],
  // With words.
  '+15550100115',
];
const strangers = [
  '+19005550100',
  '19005550100',
  '15550100191',
  '+1-555-010-0192',
  '0875704225',
  'agent',
  '+1',
  '+266696687',
  '5550100190',
  '05550100191',
  '0015550100192',
  'anonymous',
  '',
];
const hosts = ['sipin.synthflow.ai', 'sip.synthflow.ai', 'SIP.eu.Synthflow.AI', 'evil.example', '127.0.0.1'];

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...';<>&"\'%@?=:+\r\n\0 .0aS') }),
);
const number = fc.constantFrom(...phones, ...strangers);
const host = fc.constantFrom(...hosts, `${hosts[0]}@${hosts[3]}`);

const brackets = fc.constantFrom(
  ...[
    ['<sip:', '>'],
    ['<sip:', ':5060;transport=tcp>'],
    ['"Bob" <sips:', '>'],
    ['sip:', ''],
    ['SIP:', ';x'],
  ],
  ...[
    ['<sip:', ',sip:+1900@e'],
    ['sip:', '?X=1>'],
    ['', ''],
  ],
);
const referTo = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(brackets, fc.oneof({ weight: 4, arbitrary: number }, anyText), host)
      .map(([[start, end], user, at]) => `${start}${user}@${at}${end}`),
  },
  fc
    .tuple(fc.constantFrom('<tel:', 'TEL:', 'tel:'), number, fc.constantFrom('>', ';ext=1', ''))
    .map((parts) => parts.join('')),
);

const oneOf = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
const callSid = fc.stringMatching(/^CA[0-9a-f]{32}$/);
const callStatus = oneOf('in-progress', 'ringing', 'in-progress', 'ringing', 'completed', 'canceled');
const legStatus = oneOf('completed', 'answered', 'busy', 'no-answer', 'failed', 'canceled', '');

/** A number inside another kind of address. */
const address = fc
  .tuple(
    fc.constantFrom('sip:', 'SIP:', 'sips:', 'whatsapp:', 'client:', 'tel:'),
    number,
    fc.constantFrom('', '@acme.sip.twilio.com', ';ext=1@A.example:5060;x', '@a b'),
  )
  .map((parts) => parts.join(''));

/** What Twilio sends, each parameter by its rules or nearly so. */
const usualEvent = fc.record(
  {
    To: fc.oneof({ weight: 3, arbitrary: number }, address),
    From: fc.constantFrom(canaries.caller, ...phones, ...strangers),
    CallSid: callSid,
    ForwardedFrom: fc.oneof(number, address),
    CallStatus: callStatus,
    bridge_called: fc.oneof(number, address),
    bridge_caller: fc.oneof(number, address),
    bridge_route: oneOf('closed', 'open'),
    Digits: oneOf('1', '2', ''),
    RecordingUrl: oneOf('https://api.twilio.com/recordings/RE0'),
    RecordingStatus: oneOf('completed', 'completed', 'absent'),
    bridge_step: oneOf('0', '1', '2', '3', '-1'),
    bridge_leg: oneOf('transfer', 'agent', 'person', 'voicemail', 'word', 'x'),
    bridge_reason: oneOf('busy', 'outage', 'nonsense'),
    bridge_talked: oneOf('yes', 'no'),
    bridge_confirm: oneOf('yes', 'no'),
    DialCallStatus: legStatus,
    DialCallDuration: oneOf('0', '1', '7', '600', '-1'),
    DialBridged: oneOf('true', 'false'),
    DialSipResponseCode: oneOf('200', '486', '503', '999'),
    RecordingDuration: oneOf('0', '12'),
    ReferTransferTarget: referTo,
  },
  { requiredKeys: ['To'] },
);

const anyName = fc.oneof(
  oneOf(
    ...Object.values(ownParameters),
    'Digits',
    'ParentCallSid',
    'To',
    'From',
    'Called',
    'CallSid',
    'CallStatus',
    'ForwardedFrom',
    'DialCallStatus',
  ),
  oneOf('ReferTransferTarget', 'request', '__proto__', 'constructor', 'toString'),
  anyText,
);
const anyValue = fc.oneof(number, referTo, callSid, anyText, fc.array(number), fc.anything());

/** Any event: what Twilio sends, what it never sends, and what somebody with the signing token would. */
export const event: fc.Arbitrary<object> = fc
  .tuple(usualEvent, fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, fc.dictionary(anyName, anyValue)))
  .map(([usual, any]) => ({ ...usual, ...any }));

/** Each setting: texts that it accepts, and one that it nearly accepts. */
const settings: Readonly<Record<string, readonly [accepted: readonly string[], refused: string]>> = {
  SYNTHFLOW_API_KEY: [[canaries.apiKey], ''],
  SYNTHFLOW_MODEL_ID: [['agent'], 'agent 7'],
  SYNTHFLOW_WORKSPACE_ID: [['workspace', ''], 'work space'],
  SYNTHFLOW_REGION: [['global', 'us', 'eu'], 'EU'],
  SYNTHFLOW_SIP_TERMINATION: [['sip.eu.synthflow.ai:32681', '127.0.0.1:5060', 'SIP.example:1'], 'a_b:1'],
  SYNTHFLOW_SIP_TRANSPORT: [['udp', 'tcp', 'tls'], 'ws'],
  SYNTHFLOW_SIP_SRTP: [['true', 'false'], 'yes'],
  TWILIO_SIP_REGION: [['de1', 'us1'], 'de2'],
  PREPARE_TIMEOUT_MS: [['500', '8000'], '9000'],
  DIAL_TIMEOUT_SECONDS: [['5', '120'], '121'],
  CALL_ROUTE: [
    ['agent', '+15550100190,agent,voicemail', 'agent,agent,+15550100190', `voicemail,${labNumbers.called},agent`],
    'agent,911',
  ],
  LOOKUP_TIMEOUT_MS: [['100'], '99'],
  CALLER_ID: [['+15550100180'], '911'],
  FALLBACK_MESSAGE: [['Sorry & goodbye < > " \u{1F44B}', 'x'.repeat(1000)], 'two\nlines'],
  FALLBACK_CLOSING: [['Bye.'], '\0'],
  FALLBACK_LANGUAGE: [['de-DE'], 'German'],
  FALLBACK_VOICE: [['Polly.Vicki-Neural'], '<voice>'],
  DIRECT_DIAL: [['true', 'false'], 'TRUE'],
  REFUSED_CALLERS: [['anonymous', '+1900*, +15550100142', '+1555010*'], '*'],
  TRANSFER_NUMBERS: [['+15550100191', '+15550100191, +15550100192'], '+15550100191;+1'],
  MIN_AGENT_SECONDS: [['0', '5'], '-1'],
  CONFIRM_MESSAGE: [['Press 1.'], '\0'],
};
const required = ['SYNTHFLOW_API_KEY', 'SYNTHFLOW_MODEL_ID'];

const setting = ([accepted, refused]: readonly [readonly string[], string]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom(...accepted) },
    { weight: 1, arbitrary: fc.constant(refused) },
    { weight: 1, arbitrary: anyText },
    { weight: 1, arbitrary: fc.anything() },
  );

/** Any environment that asks this API: each setting absent, accepted, nearly accepted, or anything at all. */
export const environment = (apiUrl: string): fc.Arbitrary<Readonly<Record<string, unknown>>> =>
  fc
    .record(Object.fromEntries(Object.entries(settings).map(([name, texts]) => [name, setting(texts)])), {
      requiredKeys: required,
    })
    // The cloud gives every function the account's token, too.
    .map((env) => ({ ...env, SYNTHFLOW_API_URL: apiUrl, NOTIFY_URL: apiUrl, AUTH_TOKEN: canaries.authToken }));

const callId = fc.oneof(
  { weight: 4, arbitrary: fc.uuid() },
  fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
  fc.constantFrom('x;O.+15550100666;@evil.example', '', 'a b', 'ü', 'x'.repeat(65), 'x\n', canaries.caller.slice(1)),
  fc.anything(),
);
const body = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record(
        {
          synthflow_call_id: callId,
          call_status: fc.oneof(
            { weight: 6, arbitrary: fc.constant('registered') },
            fc.constantFrom('failed', 'pending', null, canaries.body),
          ),
          error_message: fc.constantFrom(canaries.body, canaries.caller),
          lead_phone_number: fc.constant(canaries.caller),
          detail: fc.constantFrom<unknown>(
            { request_id: 'req_5f0c41d2', description: canaries.body },
            { request_id: `${canaries.body} ` },
            { request_id: canaries.caller.slice(1) },
            [{ msg: canaries.body }],
            canaries.body,
          ),
        },
        { requiredKeys: ['synthflow_call_id', 'call_status'] },
      )
      .map((answer) => JSON.stringify(answer)),
  },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: anyText },
);
// A pause before a second attempt costs 200 ms and more, so they are rare.
const httpStatus = fc.oneof(
  { weight: 300, arbitrary: fc.constant(200) },
  { weight: 100, arbitrary: fc.constantFrom(201, 204, 301, 307, 400, 401, 403, 404, 422, 500, 502, 599) },
  { weight: 1, arbitrary: fc.constantFrom(429, 503) },
);
const headers = fc.oneof(
  { weight: 20, arbitrary: fc.constant({}) },
  fc.constantFrom<Record<string, string>>(
    { location: 'http://127.0.0.1:1/' },
    { 'content-encoding': 'gzip' },
    { 'content-type': 'text/html', 'set-cookie': canaries.body },
    { 'x-large': 'x'.repeat(maxHeaderSize + 1) },
  ),
);

/** Any answer of the API: by its rules, nearly by them, and bytes that are no HTTP. */
export const apiAnswer: fc.Arbitrary<RawAnswer> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({ kind: fc.constant('http' as const), httpStatus, headers, body }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('bytes' as const),
      bytes: fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(
          '',
          'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
          'HTTP/1.1 100 Continue\r\n\r\n',
          'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}',
          'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz',
          'HTTP/2 200\r\n\r\n',
        ),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reset' as const }) },
);
