/** Prompt variables as headers of a SIP URI. */
export interface VariableHeaders {
  /** Such as `X-city=Berlin&X-plan=gold`; empty when there is none. */
  readonly headers: string;
  /** Names of the variables that are left out. */
  readonly omittedHeaders?: readonly string[];
}

/** Characters for all of them: Twilio takes 1,023 (error 21227), and `X-EI` needs at most 120. */
const maxLength = 900;

/** What Twilio passes on (twilio.com/docs/voice/twiml/sip); `X-EI` is ours. */
const passedOn = /^X-(?!Twilio|EI$)[A-Za-z0-9-]{1,64}$/i;

/**
 * Writes prompt variables as `X-` headers, which Synthflow turns back into them (docs.synthflow.ai/route-sip-calls).
 * Twilio drops underscores, so `caller_city` becomes `X-caller-city`. If they don't fit, the last ones are left out.
 */
export function writeVariableHeaders(variables: Readonly<Record<string, string>>): VariableHeaders {
  const omitted: string[] = [];
  const written: { readonly name: string; readonly header: string; readonly text: string }[] = [];
  for (const [name, value] of Object.entries(variables)) {
    const header = headerName(name);
    // The case of a header's name doesn't matter in SIP.
    const isTaken = written.some((one) => one.header.toLowerCase() === header.toLowerCase());
    if (isTaken || !passedOn.test(header) || !printable.test(value)) omitted.push(name);
    else written.push({ name, header, text: `${header}=${encodeURIComponent(value)}` });
  }
  const joined = (): string => written.map(({ text }) => text).join('&');
  while (joined().length > maxLength) omitted.push(...written.splice(-1).map(({ name }) => name));
  return { headers: joined(), ...(omitted.length > 0 && { omittedHeaders: omitted }) };
}

/** Without control characters, and not empty: nothing says that Twilio passes an empty header on. */
const printable = /^[\x20-\x7e]+$/;

function headerName(name: string): string {
  const plain = name.replaceAll('_', '-');
  return /^X-/i.test(plain) ? plain : `X-${plain}`;
}
