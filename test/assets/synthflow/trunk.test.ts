import { URI } from 'jssip';
import { regions, type Trunk, trunkUri } from '../../../src/assets/synthflow/trunk.private';
import type { ExternalIds } from '../../../src/assets/synthflow/x-ei.private';

const trunk: Trunk = { hosts: [{ name: 'sipin.synthflow.ai', port: 32681 }], transport: undefined, srtp: false };
const callSid = `CA${'0'.repeat(32)}`;
const ids: ExternalIds = { synthflowCallId: 'a29407fb-1bf2', callSid, forwardedFrom: undefined };

/** The header as Twilio sends it: the URI's value, decoded once. */
const externalIds = (uri: string): string => decodeURIComponent(uri.split('?X-EI=')[1] ?? '');

describe('The SIP URI of the trunk', () => {
  test('carries the prepared call and the CallSid in X-EI, percent-encoded once', () => {
    expect(trunkUri(trunk, '+15550100100', ids)).toBe(
      `sip:+15550100100@sipin.synthflow.ai:32681?X-EI=S.a29407fb-1bf2%3BE.${callSid}%3B`,
    );
  });

  test('names the original destination of a diverted call', () => {
    const uri = trunkUri(trunk, '+15550100100', { ...ids, forwardedFrom: '+15550100155' });

    expect(externalIds(uri)).toBe(`S.a29407fb-1bf2;E.${callSid};O.+15550100155;`);
  });

  test('has only the prepared call when nothing else is known', () => {
    expect(externalIds(trunkUri(trunk, '+15550100100', { ...ids, callSid: undefined }))).toBe('S.a29407fb-1bf2;');
  });

  test('has no prepared call when the trunk is dialled directly', () => {
    const direct = { synthflowCallId: undefined, callSid, forwardedFrom: '+15550100155' };

    expect(externalIds(trunkUri(trunk, '+15550100100', direct))).toBe(`E.${callSid};O.+15550100155;`);
  });

  test('has no header at all when there is nothing to say', () => {
    const nothing = { synthflowCallId: undefined, callSid: undefined, forwardedFrom: undefined };

    expect(trunkUri(trunk, '+15550100100', nothing)).toBe('sip:+15550100100@sipin.synthflow.ai:32681');
  });

  test.each([
    [{ transport: 'tcp' }, ';transport=tcp?'],
    [{ transport: 'tls', srtp: true }, ';transport=tls;secure=true?'],
    [{ srtp: true }, ':32681;secure=true?'],
  ] as const)('asks for %j in the form that Twilio documents', (changes, expected) => {
    expect(trunkUri({ ...trunk, ...changes }, '+15550100100', ids)).toContain(expected);
  });

  test('keeps the prepared call and drops what would make it 255 characters or more', () => {
    const longest: Trunk = { hosts: [{ name: `${'h'.repeat(110)}.ai`, port: 65535 }], transport: 'tls', srtp: true };
    const everything = { synthflowCallId: 'x'.repeat(64), callSid, forwardedFrom: '+15550100155' };
    const uri = trunkUri(longest, '+123456789012345', everything);

    expect(uri.length).toBeLessThan(255);
    expect(externalIds(uri)).toBe(`S.${'x'.repeat(64)};`);
  });

  test('has 254 characters at most, the longest that Twilio takes', () => {
    const target = (digits: number) =>
      trunkUri(trunk, '+1', { synthflowCallId: 'id', callSid: `CA${'0'.repeat(digits)}`, forwardedFrom: undefined });
    const longest = target(190);
    const digits = 190 + (254 - longest.length);

    expect(target(digits)).toHaveLength(254);
    expect(externalIds(target(digits + 1))).toBe('S.id;');
  });

  test('parses under the grammar of RFC 3261, which refuses a bare semicolon in a header', () => {
    const uri = trunkUri({ ...trunk, transport: 'tls', srtp: true }, '+15550100100', {
      ...ids,
      forwardedFrom: '+1555010',
    });

    expect(URI.parse(uri)).toMatchObject({ user: '+15550100100', host: 'sipin.synthflow.ai', port: 32681 });
    expect(URI.parse(decodeURIComponent(uri))).toBeUndefined();
  });
});

describe('Regions', () => {
  test('give API base and SIP hosts together, as documented', () => {
    expect(regions).toEqual({
      global: { apiUrl: 'https://api.synthflow.ai/v2', sipHosts: ['sipin.synthflow.ai', 'sip.synthflow.ai'] },
      us: { apiUrl: 'https://api.us.synthflow.ai/v2', sipHosts: ['sip.us.synthflow.ai'] },
      eu: { apiUrl: 'https://api.eu.synthflow.ai/v2', sipHosts: ['sip.eu.synthflow.ai'] },
    });
  });
});
