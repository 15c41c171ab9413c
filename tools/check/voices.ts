/** Amazon Polly's voices by language (docs.aws.amazon.com/polly/latest/dg/available-voices.html); some speak two. */
const pollyVoices: Readonly<Record<string, string>> = {
  arb: 'Zeina',
  'ar-AE': 'Hala Zayd',
  'ca-ES': 'Arlet',
  'cmn-CN': 'Zhiyu',
  'cs-CZ': 'Jitka',
  'cy-GB': 'Gwyneth',
  'da-DK': 'Mads Naja Sofie',
  'de-AT': 'Hannah',
  'de-CH': 'Sabrina',
  'de-DE': 'Daniel Hans Marlene Vicki',
  'en-AU': 'Nicole Olivia Russell',
  'en-GB': 'Amy Arthur Brian Emma',
  'en-GB-WLS': 'Geraint',
  'en-IE': 'Niamh',
  'en-IN': 'Aditi Kajal Raveena',
  'en-NZ': 'Aria',
  'en-SG': 'Jasmine',
  'en-US': 'Danielle Gregory Ivy Joanna Joey Justin Kendra Kevin Kimberly Matthew Patrick Ruth Salli Stephen Tiffany',
  'en-ZA': 'Ayanda',
  'es-ES': 'Alba Conchita Enrique Lucia Raul Sergio',
  'es-MX': 'Andres Mia',
  'es-US': 'Lupe Miguel Pedro Penelope',
  'fi-FI': 'Suvi',
  'fr-BE': 'Isabelle',
  'fr-CA': 'Chantal Gabrielle Liam',
  'fr-FR': 'Ambre Celine Florian Lea Mathieu Remi',
  'hi-IN': 'Aditi Kajal',
  'is-IS': 'Dora Karl',
  'it-IT': 'Adriano Beatrice Bianca Carla Giorgio Lorenzo',
  'ja-JP': 'Kazuha Mizuki Takumi Tomoko',
  'ko-KR': 'Jihye Seoyeon',
  'nb-NO': 'Ida Liv',
  'nl-BE': 'Lisa',
  'nl-NL': 'Laura Lotte Ruben',
  'pl-PL': 'Ewa Jacek Jan Maja Ola',
  'pt-BR': 'Camila Ricardo Thiago Vitoria',
  'pt-PT': 'Cristiano Ines',
  'ro-RO': 'Carmen',
  'ru-RU': 'Maxim Tatyana',
  'sv-SE': 'Astrid Elin',
  'tr-TR': 'Burcu Filiz',
  'yue-CN': 'Hiujin',
};

/** The languages that a voice of Twilio speaks, by its name; none for a voice that isn't known, or that speaks any. */
export function languagesOf(voice: string): readonly string[] {
  // The language is part of the name, as in `Google.en-GB-Standard-A`.
  const [, google] = /^Google\.([a-z]{2,3}-[A-Z]{2})-/.exec(voice) ?? [];
  if (google !== undefined) return [google];
  // `Polly.Celine` and `Polly.Céline` are one voice, `-Neural` and `-Generative` its engines.
  const [, written = ''] = /^Polly\.([^-]+)/.exec(voice) ?? [];
  const name = written.normalize('NFD').replace(/\p{M}/gu, '');
  return Object.keys(pollyVoices).filter((language) => pollyVoices[language]?.split(' ').includes(name));
}

/** Whether two languages are the same, or one only says less: `de` and `de-AT`, `zh-CN` and `cmn-CN`. */
export function isSameLanguage(one: string, other: string): boolean {
  const [a, b] = [one, other].map((language) =>
    language
      .toLowerCase()
      .replace(/^zh\b/, 'cmn')
      .replace(/^arb\b/, 'ar'),
  );
  return a === b || `${a}`.startsWith(`${b}-`) || `${b}`.startsWith(`${a}-`);
}
