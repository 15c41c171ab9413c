import { isRefusal, labelOfPrepare, labelOfStatus, labelOfVerbs } from '../../../tools/story/labels';
import { parseTwiml } from '../../../tools/story/twiml';

const labelOf = (body: string): string => labelOfVerbs(parseTwiml(`<Response>${body}</Response>`));

describe('The label of a message', () => {
  test.each([
    ['<Dial><Sip>sip:+15550100100@sip.eu.synthflow.ai</Sip></Dial>', 'Dial agent'],
    ['<Dial><Number>+15550100190</Number></Dial>', 'Dial +1…0190'],
    ['<Dial><Number>+15550100190</Number><Number>+15550100191</Number></Dial>', 'Dial +1…0190, +1…0191'],
    ['<Dial>+15550100190</Dial>', 'Dial +1…0190'],
    ['<Dial><Number>4711</Number></Dial>', 'Dial 4711'],
    ['<Dial>tel:+15550100190</Dial>', 'Dial tel:+15550100190'],
    ['<Dial>+15550100190,7</Dial>', 'Dial +15550100190,7'],
    ['<Say>Sorry.</Say><Dial><Number>+15550100190</Number></Dial>', 'Dial +1…0190'],
    ['<Dial><Sip>sip:refused@transfer.invalid</Sip></Dial>', 'Dial nobody'],
    ['<Dial><Sip>sip:a@b.example?X-Host=c.invalid</Sip></Dial>', 'Dial agent'],
    ['<Say>Sorry.</Say><Record/><Say>Bye.</Say>', 'Record'],
    ['<Say>Sorry.</Say><Hangup/>', 'Say, hang up'],
    ['<Reject/>', 'Reject'],
    ['', 'nothing more'],
  ])('of a document says what Twilio is to do: %s', (body, label) => {
    expect(labelOf(body)).toBe(label);
  });

  const registered = '{"call_status":"registered","synthflow_call_id":"a29407fb"}';
  test.each([
    [200, registered, 'registered', false],
    [200, '{"call_status":"failed","synthflow_call_id":"a29407fb"}', 'failed', true],
    [200, '{"call_status":"registered","synthflow_call_id":null}', 'no usable answer', true],
    [200, '<html>', 'no usable answer', true],
    [401, '{}', '401 Unauthorized', true],
    [429, '', '429 Too Many Requests', true],
  ])('of an answer to prepare_inbound says how the bridge reads it: %d %s', (httpStatus, body, title, failed) => {
    expect(labelOfPrepare({ httpStatus, body })).toEqual({ title, failed });
  });

  test('of a status that has no name is the status', () => {
    expect(labelOfStatus(500)).toBe('500 Internal Server Error');
    expect(labelOfStatus(599)).toBe('599');
  });

  test.each([
    ['486 Busy Here', true],
    ['503 Service Unavailable', true],
    ['603 Decline', true],
    ['487 Request Terminated', false],
    ['180 Ringing', false],
    ['200 OK', false],
    ['INVITE', false],
    ['INVITE 486 x', false],
  ])('of a SIP message that refuses something is marked: %s', (title, isMarked) => {
    expect(isRefusal(title)).toBe(isMarked);
  });
});
