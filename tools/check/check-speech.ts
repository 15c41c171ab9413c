import { fieldOf, variables } from '../../src/assets/environment.private';
import { phonesOf } from '../../src/assets/route.private';
import { defaultMessage, readSettings, type Settings } from '../../src/assets/settings.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
import { type Finding, warning } from '../finding';
import { stepsOf } from './routes';
import { isSameLanguage, languagesOf } from './voices';

/** The language in which Twilio speaks by default (twilio.com/docs/voice/twiml/say). */
const twilioLanguage = 'en-US';

/** What people would not understand, or not hear; `number` is the number whose settings these are, if it is one's. */
export function checkSpeech(settings: Settings, number?: string): readonly Finding[] {
  const { voice = '', language } = settings.speech;
  const spoken = languagesOf(voice);
  const wanted = language ?? spoken[0] ?? twilioLanguage;
  return [
    ...checkLanguage(number ?? 'FALLBACK_LANGUAGE', wanted),
    ...checkVoice(number ?? 'FALLBACK_VOICE', voice, spoken, wanted),
    ...sentencesOf(settings)
      .filter(({ name }) => !isProblem(settings, name))
      .flatMap((sentence) => checkSentence(number ?? sentence.name, sentence, wanted)),
  ];
}

/** Whether this setting isn't accepted, so that its default is no choice of anybody's. */
function isProblem({ problems }: Settings, name: string): boolean {
  const fields = Object.values(variables).flatMap((one) => (one.name === name ? fieldOf(one) : []));
  return problems.some(({ setting }) => setting === name || fields.includes(setting));
}

/** A country under a code that isn't its own: `en-UK` is `en-GB` (Unicode Technical Standard 35, territory aliases). */
function checkLanguage(subject: string, wanted: string): readonly Finding[] {
  const [language, country = ''] = wanted.split('-');
  if (!/^[A-Za-z]{2}$/.test(country)) return [];
  const { region } = new Intl.Locale(`und-${country}`);
  if (region === country.toUpperCase()) return [];
  return [warning(subject, `no language is called ${wanted}`, `did you mean ${language}-${region}?`)];
}

function checkVoice(subject: string, voice: string, spoken: readonly string[], wanted: string): readonly Finding[] {
  if (voice === '') return [];
  // Twilio says nothing with a voice of none of its providers (twilio.com/docs/voice/twiml/say/text-speech).
  if (!/^(man|woman|alice)$|\w\.\w/.test(voice)) {
    return [warning(subject, `the voice "${voice}" names no provider`, `did you mean Polly.${voice}?`)];
  }
  if (spoken.length === 0 || spoken.some((one) => isSameLanguage(one, wanted))) return [];
  const detail = `the voice ${voice} speaks ${spoken.join(' and ')}, and the language is ${wanted}`;
  return [warning(subject, detail, 'choose a voice of the language, or the language of the voice')];
}

/** A sentence that a number says. */
interface Sentence {
  /** The setting that changes it. */
  readonly name: string;
  readonly text: string;
  /** Whether it's the bridge's own, which is in English. */
  readonly isDefault: boolean;
}

/** The sentences that somebody can hear on the routes of a number. */
function sentencesOf(settings: Settings): readonly Sentence[] {
  const { speech } = settings;
  const defaults = readSettings({}, {}, parseAddress('')).speech;
  const steps = stepsOf(settings);
  const sentence = (name: string, text: string, preset: string): Sentence => ({
    name,
    text,
    isDefault: text === preset,
  });
  const said = steps.flatMap((step) => (step.kind === 'word' && step.word.verb === 'say' ? step.word.content : []));
  return [
    ...said.map((text) => sentence(`the word "${text.slice(0, 30)}"`, text, '')),
    sentence('FALLBACK_MESSAGE', speech.message, defaultMessage),
    ...(steps.some(({ kind }) => kind === 'voicemail')
      ? [sentence('FALLBACK_CLOSING', speech.closing, defaults.closing)]
      : []),
    ...(phonesOf(steps).some(({ confirm }) => confirm)
      ? [sentence('CONFIRM_MESSAGE', speech.confirmMessage, defaults.confirmMessage)]
      : []),
  ];
}

function checkSentence(subject: string, { name, text, isDefault }: Sentence, wanted: string): readonly Finding[] {
  if (isDefault) {
    if (isSameLanguage('en', wanted)) return [];
    const fix = `set ${name}, or its field in the number table`;
    return [warning(subject, `${name} isn't set: its default is in English, and the language is ${wanted}`, fix)];
  }
  // A digit, and what makes a key of a phone of it.
  const words = text.replace(/[\d#*]\uFE0F?\u20E3/gu, '');
  if (!/[\p{L}\p{N}]/u.test(words)) {
    return [warning(subject, `${name} is nothing but emoji`, 'write it in words: Twilio may say nothing')];
  }
  if (!/\p{L}/u.test(words) || hasScriptOf(wanted).test(words)) return [];
  const fix = 'set FALLBACK_LANGUAGE, and a voice of that language, or their fields in the number table';
  return [warning(subject, `${name} isn't in the script of its language, ${wanted}`, fix)];
}

/** Scripts under which Unicode has no letters of its own (Unicode Standard Annex 24). */
const combined: Readonly<Record<string, readonly string[]>> = {
  Jpan: ['Hira', 'Kana', 'Hani'],
  Kore: ['Hang', 'Hani'],
  Hans: ['Hani'],
  Hant: ['Hani'],
};

/** Whether a text has a letter in the script of this language. */
function hasScriptOf(language: string): RegExp {
  const { script = 'Latn' } = new Intl.Locale(language.replace(/-.*/, '')).maximize();
  const scripts = combined[script] ?? [script];
  return new RegExp(scripts.map((one) => `\\p{Script=${one}}`).join('|'), 'u');
}
