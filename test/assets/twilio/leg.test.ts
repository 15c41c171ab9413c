import { isCallerGone, parseLeg } from '../../../src/assets/twilio/leg.private';

describe("The caller's own leg", () => {
  test.each([
    ['completed', true],
    ['busy', true],
    ['failed', true],
    ['no-answer', true],
    ['canceled', true],
    ['in-progress', false],
    ['ringing', false],
    ['not completed', false],
    ['completed by nobody', false],
    [undefined, false],
  ])('is over with CallStatus %j: %p', (CallStatus, gone) => {
    const parameters: Record<string, string> = CallStatus === undefined ? {} : { CallStatus };

    expect(isCallerGone(parameters)).toBe(gone);
    expect(parseLeg(parameters).callerGone).toBe(gone);
  });
});

describe('A leg that has ended', () => {
  test("without Twilio's parameters has no status, no length and no SIP status", () => {
    expect(parseLeg({})).toEqual({
      callerGone: false,
      status: 'no_status',
      recorded: false,
      seconds: undefined,
      bridged: undefined,
      sipStatus: undefined,
    });
  });

  test.each([
    ['completed', 'completed'],
    ['answered', 'completed'],
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['failed', 'failed'],
    ['canceled', 'canceled'],
    ['', 'no_status'],
    ['Completed', 'unknown_status'],
  ])('with DialCallStatus %j is %s', (DialCallStatus, status) => {
    expect(parseLeg({ DialCallStatus }).status).toBe(status);
  });

  test.each([
    ['0', 0],
    ['61', 61],
    ['999999', 999_999],
    ['1000000', undefined],
    ['x7', undefined],
    ['7x', undefined],
    ['-1', undefined],
    ['', undefined],
  ])('lasts with the duration %j: %p s', (duration, seconds) => {
    expect(parseLeg({ DialCallDuration: duration, RecordingDuration: '5' }).seconds).toBe(seconds);
    expect(parseLeg({ RecordingDuration: duration }).seconds).toBe(seconds);
  });

  test.each([
    ['0', false],
    ['1', false],
    ['2', true],
    ['', true],
  ])('is a voicemail if its recording has more than a second of sound: "%s" s, %p', (RecordingDuration, recorded) => {
    expect(parseLeg({ RecordingDuration }).recorded).toBe(recorded);
  });

  test.each([
    ['true', true],
    ['false', false],
    ['maybe', undefined],
  ])('was heard with DialBridged %j: %p', (DialBridged, bridged) => {
    expect(parseLeg({ DialBridged }).bridged).toBe(bridged);
  });

  test.each([
    ['200', 200],
    ['486', 486],
    ['699', 699],
    ['099', undefined],
    ['700', undefined],
    ['4860', undefined],
    ['1486', undefined],
    ['4x6', undefined],
    ['48x', undefined],
    ['', undefined],
  ])('has with DialSipResponseCode %j the SIP status %p', (DialSipResponseCode, sipStatus) => {
    expect(parseLeg({ DialSipResponseCode }).sipStatus).toBe(sipStatus);
  });
});
