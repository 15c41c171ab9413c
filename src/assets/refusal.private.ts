import { type Address, e164 } from './twilio/address.private';

/** Callers whom the owner doesn't take: one number, all that begin alike, or those who hide theirs. */
export type RefusedCaller =
  | { readonly kind: 'number'; readonly number: string }
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'hidden' };

/** Reads `+15550100142`, `+1900*` or `anonymous`; `undefined` for anything else. */
export function parseRefusedCaller(text: string): RefusedCaller | undefined {
  if (text === 'anonymous') return { kind: 'hidden' };
  if (e164.test(text)) return { kind: 'number', number: text };
  const prefix = /^(\+[1-9]\d{0,13})\*$/.exec(text)?.[1];
  return prefix === undefined ? undefined : { kind: 'prefix', prefix };
}

/** Whether the owner doesn't take this caller, whatever the kind of address that has the number. */
export function isRefused(caller: Address, refused: readonly RefusedCaller[]): boolean {
  return refused.some((one) => {
    if (one.kind === 'hidden') return caller.kind === 'hidden';
    if (caller.kind !== 'number') return false;
    return one.kind === 'number' ? caller.number === one.number : caller.number.startsWith(one.prefix);
  });
}
