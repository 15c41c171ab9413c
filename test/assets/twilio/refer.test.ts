import type { Trunk } from '../../../src/assets/synthflow/trunk.private';
import { parseTarget } from '../../../src/assets/twilio/refer.private';

const trunk: Trunk = {
  hosts: [
    { name: 'sipin.synthflow.ai', port: 32681 },
    { name: 'sip.synthflow.ai', port: 32681 },
  ],
  transport: 'tcp',
  srtp: true,
  region: 'de1',
};
const parse = (referTo: string | undefined, own: Trunk | undefined = trunk) => parseTarget(referTo, own);

describe('The target of a REFER', () => {
  test.each([
    ['<sip:+15550100142@10.0.0.1:5060>', '+15550100142'],
    ['sip:+15550100142@sip.synthflow.ai:32681', '+15550100142'],
    ['<sip:%2B15550100142@sip.synthflow.ai>', '+15550100142'],
    ['"Sales" <sip:15550100142@example.com;user=phone?Replaces=x>', '+15550100142'],
    ['Sales <sip:15550100142@example.com>', '+15550100142'],
    ['<tel:+15550100142>', '+15550100142'],
    ['TEL:+15550100142;phone-context=x', '+15550100142'],
    ['sips:+15550100142@example.com', '+15550100142'],
    ['<sip:+15550100142@10.0.0.1>;early=no', '+15550100142'],
    ['<sip:+15550100142;npdi@10.0.0.1;user=phone>', '+15550100142'],
    ['<sip:+15550100142@10.0.0.1> ', '+15550100142'],
    ['<tel:+1-555-010-0142>', '+15550100142'],
    ['tel:15550100142', '+15550100142'],
    ['+15550100142', '+15550100142'],
    ['tel:+15550100142?X=1', '+15550100142'],
    ['<tel:%2B15550100142>', '+15550100142'],
    ['<sip:%2B1%2d555-010-0142@example.com>', '+15550100142'],
    ['tel:+(555)010-0142', '+5550100142'],
    ['<sip:+1.555.010.0142@sip.synthflow.ai>', '+15550100142'],
  ])('%s is the phone number %s, whatever the host, with its plus', (referTo, number) => {
    expect(parse(referTo)).toEqual({ kind: 'number', number });
  });

  test.each([
    ['<sip:0875704225817263@sip.synthflow.ai:32681>', 'sip:0875704225817263@sip.synthflow.ai:32681'],
    ['<sip:0875704225@SIPIN.synthflow.ai>', 'sip:0875704225@sipin.synthflow.ai:32681'],
    ['sip:0875704225ab-c@sip.synthflow.ai:5999;transport=udp?X-EI=S.x', 'sip:0875704225ab-c@sip.synthflow.ai:32681'],
    ['<sip:room_7@sip.synthflow.ai>', 'sip:room_7@sip.synthflow.ai:32681'],
    ['<sip:room_7@sip.synthflow.ai;note=tel:1>', 'sip:room_7@sip.synthflow.ai:32681'],
    ['<sip:room_7:password@sip.synthflow.ai>', 'sip:room_7@sip.synthflow.ai:32681'],
    ['<sip:room-7@sip.synthflow.ai>', 'sip:room-7@sip.synthflow.ai:32681'],
    ['<sip:7room@sip.synthflow.ai>', 'sip:7room@sip.synthflow.ai:32681'],
  ])(
    "%s is a user at Synthflow, dialled with the trunk's own port, transport, encryption and region",
    (referTo, uri) => {
      expect(parse(referTo)).toEqual({ kind: 'synthflow', sipUri: `${uri};transport=tcp;secure=true;region=de1` });
    },
  );

  test.each([
    '<sip:0875704225x@sip.evil.example>',
    'sip:agent@sip.synthflow.ai.evil.example',
    'sip:agent@evilsip.synthflow.ai',
    'sip:agent@127.0.0.1',
    'sip:agent@[::1]:5060',
  ])('%s is a foreign host', (referTo) => {
    expect(parse(referTo)).toEqual({ kind: 'refused', reason: 'host_not_allowed' });
  });

  test('at a host of Synthflow with a port of its own is dialled at that port', () => {
    const behindProxy: Trunk = {
      ...trunk,
      hosts: [
        { name: 'sbc.example', port: 5060 },
        { name: 'sip.synthflow.ai', port: 32681 },
      ],
    };

    expect(parse('<sip:0875704225x@sip.synthflow.ai:32681>', behindProxy)).toEqual({
      kind: 'synthflow',
      sipUri: 'sip:0875704225x@sip.synthflow.ai:32681;transport=tcp;secure=true;region=de1',
    });
  });

  test('at Synthflow is foreign while the settings of the trunk are not valid', () => {
    expect(parseTarget('<sip:0875704225x@sip.synthflow.ai>', undefined)).toEqual({
      kind: 'refused',
      reason: 'host_not_allowed',
    });
  });

  test.each([
    ['<sip:15550100190@sip.synthflow.ai>', '+15550100190'],
    ['<sip:+1.555.010.0190@sip.synthflow.ai>', '+15550100190'],
    ['<sip:1-555-010-0190@sip.synthflow.ai>', '+15550100190'],
    ['<sip:911@sip.synthflow.ai>', '911'],
    ['<sip:0015550100190@sip.synthflow.ai>', '+15550100190'],
  ])('at Synthflow is still a phone number when its user is one: %s', (referTo, number) => {
    expect(parse(referTo)).toEqual({ kind: 'number', number });
  });

  test.each([
    undefined,
    '',
    '<>',
    'tel:x+15550100142',
    'tel:tel:+15550100142',
    'xtel:+15550100142',
    'xsip:+15550100142@sip.synthflow.ai',
    'sip:room%207@sip.synthflow.ai',
    `${' '.repeat(1024)}sip:+15550100142@sip.synthflow.ai`,
    'anonymous',
    'client:sales',
    'sip:@sip.synthflow.ai',
    'sip:sip.synthflow.ai',
    'sip:a b@sip.synthflow.ai',
    'sip:%00@sip.synthflow.ai',
    'sip:x@sip.synthflow.ai@evil.example',
    'sip:x@sip.synthflow.ai:99999999',
    'http://sip.synthflow.ai',
    '<sip:x@sip.synthflow.ai>,<sip:+15550100142@evil.example>',
    '<sip:x@sip.synthflow.ai',
    `sip:${'x'.repeat(65)}@sip.synthflow.ai`,
    `<sip:x@sip.synthflow.ai;${'y'.repeat(600)}>`,
    'sip:x@sip.synthflow.ai\r\nX-Evil: 1',
  ])('%j is malformed', (referTo) => {
    expect(parse(referTo)).toEqual({ kind: 'refused', reason: 'target_malformed' });
  });
});
