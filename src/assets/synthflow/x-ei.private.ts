/** What the SIP header `X-EI` may carry, by its letters (docs.synthflow.ai/x-ei-sip-header). */
export interface ExternalIds {
  /** `S.`: the prepared call; `undefined` when the trunk is dialled without one. */
  readonly synthflowCallId: string | undefined;
  /** `E.`: our id of the call, so that both systems' records can be joined. */
  readonly callSid: string | undefined;
  /** `O.`: the number that diverted the call. */
  readonly forwardedFrom: string | undefined;
}

/**
 * The value of `X-EI` for a SIP URI, such as `S.<id>%3BE.<CallSid>%3B`; empty if there's no id. It is percent-encoded
 * once, because a SIP URI can't hold a bare `;` in a header (RFC 3261, section 25.1; Twilio warning 32110). Twilio
 * decodes it before it sends the INVITE. The ids fit into the 1,023 characters that Twilio takes (error 21227).
 */
export function writeXEi({ synthflowCallId, callSid, forwardedFrom }: ExternalIds): string {
  const tokens: string[] = [];
  if (synthflowCallId !== undefined) tokens.push(`S.${synthflowCallId};`);
  if (callSid !== undefined) tokens.push(`E.${callSid};`);
  if (forwardedFrom !== undefined) tokens.push(`O.${forwardedFrom};`);
  return encodeURIComponent(tokens.join(''));
}
