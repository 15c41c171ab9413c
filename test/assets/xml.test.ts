import { DOMParser, type Element as ParsedElement } from '@xmldom/xmldom';
import fc from 'fast-check';
import type { Element } from '../../src/assets/xml.private';
import { holds } from '../setup/property';

const { writeXml }: typeof import('../../src/assets/xml.private') = require(Runtime.getAssets()['/xml.js'].path);

/** The root as a parser of somebody else reads it; throws at the slightest complaint. */
function parse(xml: string): ParsedElement | null {
  const onError = (level: string, message: string): never => {
    throw new Error(`${level}: ${message}`);
  };
  return new DOMParser({ onError }).parseFromString(xml, 'text/xml').documentElement;
}

/** What XML 1.0 can express of a text (section 2.2): whole characters, and of the controls only tab and line ends. */
const expressible = (text: string): string =>
  [...text]
    .filter((character) => /^[\t\n\r -\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]$/u.test(character))
    .join('');

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'&<>"\'\t\n\r ;#x]a', '\0', '\x7f', '\x85', '\uFFFE', '\uD800', '\u{1F44B}') }),
);

describe('An XML document', () => {
  test.each<[Element, string]>([
    [{ name: 'Response' }, '<Response/>'],
    [{ name: 'Response', content: [] }, '<Response/>'],
    [{ name: 'Say', content: 'Hello.' }, '<Say>Hello.</Say>'],
    // Numeric references (XML 1.0, section 4.1); what XML does not know is left out.
    [
      { name: 'Say', attributes: { voice: '"&\t' }, content: '<a> & \0b\uD800\x85' },
      '<Say voice="&#34;&#38;&#9;">&#60;a&#62; &#38; b&#133;</Say>',
    ],
    [
      { name: 'Dial', attributes: { timeout: 20, answerOnBridge: true, callerId: undefined, referUrl: '' } },
      '<Dial timeout="20" answerOnBridge="true" referUrl=""/>',
    ],
    // The form of recordingStatusCallbackEvent at twilio.com/docs/voice/twiml/dial.
    [{ name: 'Dial', attributes: { events: ['in-progress', 'completed'] } }, '<Dial events="in-progress completed"/>'],
    [
      { name: 'Dial', content: [{ name: 'Number', content: '+15550100190' }, { name: 'Sip' }] },
      '<Dial><Number>+15550100190</Number><Sip/></Dial>',
    ],
  ])('of %j is %s', (root, xml) => {
    expect(writeXml(root)).toBe(`<?xml version="1.0" encoding="UTF-8"?>${xml}`);
  });

  test('is read back as it was written, in texts and attributes, whatever they hold', () =>
    holds(fc.tuple(anyText, anyText), ([text, attribute]) => {
      const root = parse(writeXml({ name: 'Say', attributes: { voice: attribute }, content: text }));

      expect(root?.textContent).toBe(expressible(text));
      expect(root?.getAttribute('voice')).toBe(expressible(attribute));
    }));
});
