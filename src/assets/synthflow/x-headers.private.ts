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
 * Twilio drops underscores, so `caller_city` becomes `X-caller-city`. One that doesn't fit any more is left out.
 */
export function writeVariableHeaders(variables: Readonly<Record<string, string>>): VariableHeaders {
  const omitted: string[] = [];
  const written = new Map<string, string>();
  let length = 0;
  for (const [name, value] of Object.entries(variables)) {
    const header = headerName(name);
    // The case of a header's name doesn't matter in SIP.
    const key = header.toLowerCase();
    const isPassedOn = passedOn.test(header) && printable.test(value);
    const text = isPassedOn ? `${header}=${encodeURIComponent(value)}` : '';
    const withThis = length + text.length;
    if (written.has(key) || !isPassedOn || withThis > maxLength) omitted.push(name);
    else {
      written.set(key, text);
      // With the `&` before the next one.
      length = withThis + 1;
    }
  }
  return { headers: [...written.values()].join('&'), ...(omitted.length > 0 && { omittedHeaders: omitted }) };
}

/** Without control characters, and not empty: nothing says that Twilio passes an empty header on. */
const printable = /^[\x20-\x7e]+$/;

function headerName(name: string): string {
  const plain = name.replaceAll('_', '-');
  return /^X-/i.test(plain) ? plain : `X-${plain}`;
}
