import { DOMParser, Element } from '@xmldom/xmldom';

/** One element of a TwiML document. */
export interface Verb {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The text inside, trimmed. */
  readonly text: string;
  readonly children: readonly Verb[];
}

/** The verbs of a TwiML document, in order; throws what Twilio reports as error 12100 when it isn't a well-formed `<Response>`. */
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
  return childrenOf(root);
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

function childrenOf(element: Element): readonly Verb[] {
  return Array.from(element.childNodes).flatMap((node) => (node instanceof Element ? [verbOf(node)] : []));
}

function verbOf(element: Element): Verb {
  const attributes = Array.from(element.attributes, ({ name, value }): [string, string] => [name, value]);
  return {
    name: element.nodeName,
    attributes: Object.fromEntries(attributes),
    text: element.textContent?.trim() ?? '',
    children: childrenOf(element),
  };
}
