import { parseTwiml } from '../../../lab/twilio/twiml';
import { renderStatic } from '../../../src/assets/twilio/twiml.private';

const speech = {
  message: 'Sorry.',
  voicemailMessage: 'Speak.',
  closing: 'Goodbye.',
  language: undefined,
  voice: undefined,
};
const settings = { speech, callerId: undefined };

describe('The static fallback', () => {
  test('says the message and rings the number, and names no function', () => {
    expect(
      parseTwiml(renderStatic({ number: '+15550100190', ringSeconds: 25, sendDigits: undefined }, settings)),
    ).toEqual([
      { name: 'Say', attributes: {}, text: 'Sorry.', children: [] },
      {
        name: 'Dial',
        attributes: { timeout: '25' },
        text: '',
        children: [{ name: 'Number', attributes: {}, text: '+15550100190', children: [] }],
      },
    ]);
  });

  test('shows the configured caller id, since it cannot know the caller', () => {
    const [, dial] = parseTwiml(
      renderStatic(
        { number: '+15550100190', ringSeconds: 25, sendDigits: undefined },
        { ...settings, callerId: '+15550100180' },
      ),
    );

    expect(dial?.attributes).toEqual({ timeout: '25', callerId: '+15550100180' });
  });

  test('says the message and hangs up when there is no number', () => {
    const spoken = { ...speech, language: 'de-DE', voice: 'Polly.Vicki' } as const;

    expect(parseTwiml(renderStatic(undefined, { ...settings, speech: spoken }))).toMatchObject([
      { name: 'Say', attributes: { language: 'de-DE', voice: 'Polly.Vicki' }, text: 'Sorry.' },
      { name: 'Hangup' },
    ]);
  });
});
