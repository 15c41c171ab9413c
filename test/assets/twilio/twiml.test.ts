import { parseTwiml } from '../../../lab/twilio/twiml';
import { renderStatic } from '../../../src/assets/twilio/twiml.private';

const speech = { message: 'Sorry.', closing: 'Goodbye.', language: undefined, voice: undefined };

describe('The static fallback', () => {
  test('says the message and rings the number, and names no function', () => {
    expect(parseTwiml(renderStatic('+15550100190', speech))).toEqual([
      { name: 'Say', attributes: {}, text: 'Sorry.', children: [] },
      {
        name: 'Dial',
        attributes: { timeout: '25' },
        text: '',
        children: [{ name: 'Number', attributes: {}, text: '+15550100190', children: [] }],
      },
    ]);
  });

  test('says the message and hangs up when there is no number', () => {
    const spoken = { ...speech, language: 'de-DE', voice: 'Polly.Vicki' } as const;

    expect(parseTwiml(renderStatic(undefined, spoken))).toMatchObject([
      { name: 'Say', attributes: { language: 'de-DE', voice: 'Polly.Vicki' }, text: 'Sorry.' },
      { name: 'Hangup' },
    ]);
  });
});
