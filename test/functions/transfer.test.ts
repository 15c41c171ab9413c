import { voiceParameters } from '../../lab/twilio/webhook';
import { handler } from '../../src/functions/transfer.protected';
import { invoke } from '../setup/invoke';

const env = { CALL_ROUTE: 'agent,+15550100190', TRANSFER_NUMBERS: '+15550100191,+15550100192' };

const refer = (ReferTransferTarget: string | undefined, event: object = {}) =>
  invoke(handler, env, {
    ...voiceParameters('+15550100142', '+15550100100'),
    CallStatus: 'in-progress',
    bridge_step: '0',
    ReferTransferTarget,
    ...event,
  });

describe('A transfer by the agent', () => {
  test("to an allowed number rings it, with the caller as caller id, and names the agent's step", async () => {
    const { verbs, lines } = await refer('<sip:+15550100192@10.0.0.1:5060>');

    expect(verbs).toMatchObject([
      {
        name: 'Dial',
        attributes: {
          action: '/dial-result?bridge_step=0&bridge_leg=transfer&bridge_called=%2B15550100100',
          callerId: '+15550100142',
        },
        children: [{ name: 'Number', text: '+15550100192', attributes: {} }],
      },
    ]);
    expect(lines).toMatchObject([
      { method: 'log', line: { event: 'transfer', outcome: 'transfer_number', stage: 'agent' } },
    ]);
  });

  test('to a phone of the route is allowed, and goes on after its step', async () => {
    const { verbs } = await refer('<tel:+15550100190>');

    expect(verbs).toMatchObject([
      {
        attributes: { action: '/dial-result?bridge_step=1&bridge_leg=transfer&bridge_called=%2B15550100100' },
        children: [{ text: '+15550100190' }],
      },
    ]);
  });

  test('while the number is closed goes on in closedRoute, and asks a phone with confirm first', async () => {
    const closed = { bridge_called: '+15550100111', bridge_route: 'closed', bridge_step: '1' };
    const { verbs } = await refer('<tel:+15550100193>', closed);

    expect(verbs).toMatchObject([
      {
        attributes: {
          action:
            '/dial-result?bridge_step=1&bridge_leg=transfer&bridge_confirm=yes&bridge_route=closed&bridge_called=%2B15550100111',
        },
        children: [
          { text: '+15550100193', attributes: { url: '/confirm?bridge_route=closed&bridge_called=%2B15550100111' } },
        ],
      },
    ]);
  });

  test('that is warm dials back to Synthflow, where it can be transferred again', async () => {
    const { verbs, lines } = await refer('<sip:0875704225817263@sip.synthflow.ai:32681;transport=udp?X-EI=S.evil>');

    expect(verbs).toMatchObject([
      {
        name: 'Dial',
        attributes: {
          action: '/dial-result?bridge_step=0&bridge_leg=transfer&bridge_called=%2B15550100100',
          referUrl: '/transfer?bridge_step=0&bridge_called=%2B15550100100',
        },
        children: [{ name: 'Sip', text: 'sip:0875704225817263@sip.synthflow.ai:32681' }],
      },
    ]);
    expect(lines).toMatchObject([{ method: 'log', line: { outcome: 'transfer_sip' } }]);
  });

  test.each([
    ['<sip:+19005550100@sip.synthflow.ai>', 'number_not_allowed'],
    ['<sip:agent@sip.evil.example>', 'host_not_allowed'],
    ['<sip:+15550100191@evil.example>,<sip:+19005550100@evil.example>', 'target_malformed'],
    [undefined, 'target_malformed'],
  ])(
    'to %j is refused with a code, and a Dial that nobody answers leaves the caller with the agent',
    async (target, reason) => {
      const { verbs, lines } = await refer(target);

      expect(verbs).toMatchObject([
        {
          name: 'Dial',
          attributes: {
            answerOnBridge: 'true',
            timeout: '5',
            action: '/dial-result?bridge_step=0&bridge_leg=transfer&bridge_called=%2B15550100100',
          },
          children: [{ name: 'Sip', text: 'sip:refused@transfer.invalid' }],
        },
      ]);
      expect(verbs[0]?.attributes).not.toHaveProperty('referUrl');
      expect(lines).toMatchObject([
        { method: 'error', line: { event: 'transfer', outcome: 'transfer_refused', reason } },
      ]);
      expect(JSON.stringify(lines)).not.toContain('19005550100');
    },
  );

  test('to Synthflow is refused while the settings of the trunk are not valid', async () => {
    const settings = {
      ...env,
      SYNTHFLOW_API_KEY: 'key',
      SYNTHFLOW_MODEL_ID: 'agent',
      SYNTHFLOW_SIP_TERMINATION: 'host',
    };
    const event = { CallStatus: 'in-progress', ReferTransferTarget: '<sip:0875704225x@sip.synthflow.ai>' };
    const { verbs, lines } = await invoke(handler, settings, event);

    expect(verbs).toMatchObject([{ name: 'Dial', children: [{ text: 'sip:refused@transfer.invalid' }] }]);
    expect(lines).toMatchObject([
      {
        line: {
          outcome: 'transfer_refused',
          reason: 'host_not_allowed',
          problems: [expect.stringMatching(/TERMINATION/)],
        },
      },
    ]);
  });

  test.each(['in-progress', 'ringing', 'completed', 'busy', undefined])(
    'is made whatever CallStatus says (%s), since Twilio does not document whose leg that is',
    async (CallStatus) => {
      const { verbs } = await refer('<tel:+15550100191>', { CallStatus });

      expect(verbs).toMatchObject([{ children: [{ name: 'Number', text: '+15550100191' }] }]);
    },
  );

  test('has the settings of the number that was called, also when To is the address of the agent', async () => {
    const To = 'sip:+15550100109@sip.synthflow.ai:32681';
    const { verbs, lines } = await refer('<sip:+15550100197@sip.synthflow.ai>', { To, bridge_called: '+15550100101' });

    expect(verbs).toMatchObject([
      {
        attributes: { action: '/dial-result?bridge_step=0&bridge_leg=transfer&bridge_called=%2B15550100101' },
        children: [{ text: '+15550100197' }],
      },
    ]);
    expect(lines).toMatchObject([{ line: { to: '…0101' } }]);
  });
});
