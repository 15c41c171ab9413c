import { readFileSync } from 'node:fs';
import { type NumberTable, readSettings } from '../../../src/assets/settings.private';
import { parseAddress } from '../../../src/assets/twilio/address.private';
import { checkSettings } from '../../../tools/check/check-settings';
import { checkSpeech } from '../../../tools/check/check-speech';
import { isSameLanguage, languagesOf } from '../../../tools/check/voices';

const base = { SYNTHFLOW_API_KEY: 'key', SYNTHFLOW_MODEL_ID: 'agent' };

/** What is said about these settings. */
const said = (environment: Record<string, string>) =>
  checkSpeech(readSettings({ ...base, ...environment }, {}, parseAddress(''))).map(
    ({ subject, result, detail }) => `${result} ${subject}: ${detail}`,
  );

describe('What callers hear', () => {
  test.each([
    ['de-DE', 'Polly.Amy-Neural', 'en-GB'],
    ['en-GB', 'Google.en-US-Chirp3-HD-Aoede', 'en-US'],
    ['en-US', 'Polly.Aditi', 'en-IN and hi-IN'],
  ])('warns of a voice whose language is not the language: %s and %s', (language, voice, spoken) => {
    const message = { FALLBACK_MESSAGE: 'Bitte rufen Sie wieder an.' };

    expect(said({ ...message, FALLBACK_LANGUAGE: language, FALLBACK_VOICE: voice })).toEqual([
      `warning FALLBACK_VOICE: the voice ${voice} speaks ${spoken}, and the language is ${language}`,
    ]);
  });

  test('asks whether another country was meant', () => {
    expect(said({ FALLBACK_LANGUAGE: 'en-UK' })).toEqual(['warning FALLBACK_LANGUAGE: no language is called en-UK']);
  });

  test.each([
    ['en-GB', 'Polly.Amy-Neural'],
    ['en', 'Polly.Amy'],
    ['en-IN', 'Polly.Kajal-Neural'],
    ['', 'Polly.Joanna-Generative'],
    ['en-AU', 'ElevenLabs.UgBBYS2sOqTuMpoF3BR0'],
    ['en-GB', 'man'],
    ['en-GB', ''],
  ])('takes the language "%s" with the voice "%s"', (language, voice) => {
    expect(said({ FALLBACK_LANGUAGE: language, FALLBACK_VOICE: voice })).toEqual([]);
  });

  test.each([
    [{ FALLBACK_MESSAGE: 'Пожалуйста, перезвоните.' }, 'FALLBACK_MESSAGE', 'en-US'],
    [{ FALLBACK_MESSAGE: 'Please call again.', FALLBACK_LANGUAGE: 'ja-JP' }, 'FALLBACK_MESSAGE', 'ja-JP'],
    [{ FALLBACK_MESSAGE: 'Please call again.', FALLBACK_VOICE: 'Polly.Zeina' }, 'FALLBACK_MESSAGE', 'arb'],
    [
      { FALLBACK_CLOSING: 'תודה', CALL_ROUTE: 'voicemail', FALLBACK_LANGUAGE: 'en-GB-WLS' },
      'FALLBACK_CLOSING',
      'en-GB-WLS',
    ],
  ])('warns of a sentence in another script than its language: %j', (environment, name, language) => {
    expect(said(environment)).toEqual([`warning ${name}: ${name} isn't in the script of its language, ${language}`]);
  });

  test.each([
    ['ja-JP', 'またお電話ください'],
    ['ko-KR', '다시 전화해 주세요'],
    ['zh-CN', '请再打来'],
    ['cmn-TW', '請再打來'],
    ['el-GR', 'Παρακαλώ καλέστε ξανά'],
    ['hi-IN', 'कृपया फिर कॉल करें'],
    ['de-DE', 'Bitte rufen Sie wieder an: 555 0100'],
    ['th-TH', '555 0100'],
  ])('takes a sentence in the script of %s: %s', (language, message) => {
    expect(said({ FALLBACK_LANGUAGE: language, FALLBACK_MESSAGE: message })).toEqual([]);
  });

  test("warns of the bridge's own sentences in another language than English, where somebody hears them", () => {
    const inGerman = { FALLBACK_LANGUAGE: 'de-DE', FALLBACK_MESSAGE: 'Bitte rufen Sie wieder an.' };
    const english = (name: string) =>
      `warning ${name}: ${name} isn't set: its default is in English, and the language is de-DE`;

    expect(said(inGerman)).toEqual([]);
    expect(said({ ...inGerman, CALL_ROUTE: 'agent,voicemail' })).toEqual([english('FALLBACK_CLOSING')]);
    expect(said({ FALLBACK_VOICE: 'Polly.Vicki' })).toEqual([english('FALLBACK_MESSAGE')]);
    expect(said({ ...inGerman, CALL_ROUTE: 'voicemail', FALLBACK_CLOSING: 'Danke.' })).toEqual([]);
  });

  test('warns of a sentence that is nothing but emoji', () => {
    expect(said({ FALLBACK_MESSAGE: '1\uFE0F\u20E3 #\u20E3' })).toEqual([
      'warning FALLBACK_MESSAGE: FALLBACK_MESSAGE is nothing but emoji',
    ]);
    expect(said({ FALLBACK_MESSAGE: 'Press 1\uFE0F\u20E3' })).toEqual([]);
  });

  test('is said of the number whose entry changes it, and of no other', () => {
    const numbers: NumberTable = {
      '+15550100110': { fallback: { language: 'de-DE', message: 'Bitte rufen Sie an.' }, route: ['voicemail'] },
      '+15550100111': { route: [{ number: '+15550100190', confirm: true }] },
    };
    const environment = { ...base, FALLBACK_VOICE: 'Amy' };

    expect(checkSettings(environment, numbers, 0).map(({ subject, detail }) => `${subject}: ${detail}`)).toEqual([
      'FALLBACK_VOICE: the voice "Amy" names no provider',
      "+15550100110: FALLBACK_CLOSING isn't set: its default is in English, and the language is de-DE",
    ]);
  });
});

describe('The languages of voices', () => {
  test("are known for every voice of Polly that Twilio's SDK has", () => {
    const types = readFileSync(require.resolve('twilio/lib/twiml/VoiceResponse.d.ts'), 'utf8');
    const voices = [...new Set(types.match(/(?<=")Polly\.[^"]+(?=")/g))];

    expect(voices.length).toBeGreaterThan(100);
    expect(voices.filter((voice) => languagesOf(voice).length === 0)).toEqual([]);
  });

  test.each([
    ['de', 'de-AT', true],
    ['en-gb', 'en-GB', true],
    ['zh-CN', 'cmn-CN', true],
    ['arb', 'ar-AE', true],
    ['en-GB', 'en-US', false],
    ['e', 'en', false],
  ])('are the same or not: %s and %s', (one, other, same) => {
    expect(isSameLanguage(one, other)).toBe(same);
    expect(isSameLanguage(other, one)).toBe(same);
  });
});
