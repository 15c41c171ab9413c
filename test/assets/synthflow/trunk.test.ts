import { URI } from 'jssip';
import { regions, type Trunk, trunkUri } from '../../../src/assets/synthflow/trunk.private';
import type { ExternalIds } from '../../../src/assets/synthflow/x-ei.private';

const trunk: Trunk = {
  hosts: [{ name: 'sipin.synthflow.ai', port: 32681 }],
  transport: undefined,
  srtp: false,
  region: undefined,
};
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
    [{ region: 'de1' }, ':32681;region=de1?'],
    [{ transport: 'tls', srtp: true, region: 'ie1' }, ';transport=tls;secure=true;region=ie1?'],
  ] as const)('asks for %j in the form that Twilio documents', (changes, expected) => {
    expect(trunkUri({ ...trunk, ...changes }, '+15550100100', ids)).toContain(expected);
  });

  test("fits into Twilio's lengths with the longest of everything: 254 characters, and 1,023 for the header", () => {
    const longest: Trunk = {
      hosts: [{ name: `${'h'.repeat(186)}.ai`, port: 65535 }],
      transport: 'tls',
      srtp: true,
      region: 'us1',
    };
    const everything = {
      synthflowCallId: 'x'.repeat(64),
      callSid: `CA${'0'.repeat(62)}`,
      forwardedFrom: `+${'1'.repeat(20)}`,
    };
    const [uri = '', header = ''] = trunkUri(longest, '+123456789012345', everything).split('?');

    expect(uri.length).toBeLessThanOrEqual(254);
    expect(header.length).toBeLessThanOrEqual(1023);
    expect(decodeURIComponent(header)).toBe(
      `X-EI=S.${everything.synthflowCallId};E.${everything.callSid};O.${everything.forwardedFrom};`,
    );
  });

  test('parses under the grammar of RFC 3261, which refuses a bare semicolon in a header', () => {
    const uri = trunkUri({ ...trunk, transport: 'tls', srtp: true, region: 'de1' }, '+15550100100', {
      ...ids,
      forwardedFrom: '+1555010',
    });

    const parsed = URI.parse(uri);
    expect(parsed).toMatchObject({ user: '+15550100100', host: 'sipin.synthflow.ai', port: 32681 });
    expect(['transport', 'secure', 'region'].map((name) => parsed?.getParam(name))).toEqual(['tls', 'true', 'de1']);
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
