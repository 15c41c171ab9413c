import { DOMParser, Element } from '@xmldom/xmldom';

/** One element of a TwiML document. */
export interface Verb {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The text inside, trimmed. */
  readonly text: string;
  readonly children: readonly Verb[];
}

/** The verbs of a TwiML document, in order; throws Twilio's error 12100 if it isn't a well-formed `<Response>`. */
export function parseTwiml(xml: string): readonly Verb[] {
  let root: Element | null;
  try {
    const onError = (_level: string, message: string): never => {
      throw new Error(message);
    };
    root = new DOMParser({ onError }).parseFromString(xml, 'text/xml').documentElement;
  } catch (error) {
    throw new Error(`document parse failure: ${error instanceof Error ? error.message : error}`);
  }
  if (root?.nodeName !== 'Response') throw new Error(`document parse failure: the root is <${root?.nodeName}>`);
  return verbsIn(root);
}

/** The document with one element a line, for people. */
export function formatTwiml(verbs: readonly Verb[], indent = ''): string {
  return verbs.map((verb) => formatVerb(verb, indent)).join('\n');
}

function formatVerb({ name, attributes, text, children }: Verb, indent: string): string {
  const start = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${value}"`)].join(' ');
  if (children.length > 0) return `${indent}<${start}>\n${formatTwiml(children, `${indent}  `)}\n${indent}</${name}>`;
  return text === '' ? `${indent}<${start}/>` : `${indent}<${start}>${text}</${name}>`;
}

function verbsIn(parent: Element): readonly Verb[] {
  const elements = Array.from(parent.childNodes).filter((node) => node instanceof Element);
  return elements.map((element) => ({
    name: element.nodeName,
    attributes: Object.fromEntries(Array.from(element.attributes, ({ name, value }) => [name, value] as const)),
    text: element.textContent?.trim() ?? '',
    children: verbsIn(element),
  }));
}
