/** What an attribute may hold; a list is written with spaces between its items, as TwiML has it. */
export type AttributeValue = string | number | boolean | readonly string[];

/** One element of a document. */
export interface Element {
  readonly name: string;
  /** Those that are `undefined` are left out. */
  readonly attributes?: Readonly<Record<string, AttributeValue | undefined>>;
  readonly content?: string | readonly Element[];
}

/**
 * The document with this root. Never throws: a character that XML cannot express is left out, since it must not cost the
 * call. The SDK's builder would do, but a cold start would wait for the 30 files that it loads (docs/performance.md).
 */
export function writeXml(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${write(root)}`;
}

function write({ name, attributes = {}, content = '' }: Element): string {
  const head = Object.entries(attributes).reduce((known, [key, value]) => known + writeAttribute(key, value), name);
  const inside = typeof content === 'string' ? escapeXml(content) : content.map(write).join('');
  return inside === '' ? `<${head}/>` : `<${head}>${inside}</${name}>`;
}

function writeAttribute(name: string, value: AttributeValue | undefined): string {
  if (value === undefined) return '';
  return ` ${name}="${escapeXml(Array.isArray(value) ? value.join(' ') : `${value}`)}"`;
}

/** What XML 1.0 cannot express (section 2.2). */
const unknown = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
/** What would be taken for markup, or folded into a space or a line end (sections 2.4, 2.11 and 3.3.3). */
const special = /[&<>"\t\n\r\x7F-\x9F\u2028]/g;

function escapeXml(text: string): string {
  return text.replace(unknown, '').replace(special, (character) => `&#${character.charCodeAt(0)};`);
}
