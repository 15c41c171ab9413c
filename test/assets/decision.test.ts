import {
  afterConfirm,
  afterFailure,
  afterLeg,
  afterPreparing,
  afterRefer,
  atStart,
  type Decision,
  isMissedCall,
  logFieldsOf,
  type Next,
} from '../../src/assets/decision.private';
import { outcomes, stepReasons } from '../../src/assets/log.private';
import { type Plan, planOf } from '../../src/assets/plan.private';
import type { TableStep } from '../../src/assets/route.private';
import { readSettings } from '../../src/assets/settings.private';
import { type PrepareFailure, prepareFailures } from '../../src/assets/synthflow/response.private';
import type { Destination } from '../../src/assets/synthflow/trunk.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
import { type Parameters, parseCall } from '../../src/assets/twilio/call.private';
import { parseLeg } from '../../src/assets/twilio/leg.private';
import type { OwnUrl, Stage } from '../../src/assets/twilio/own-url.private';

const person = '+15550100190';
const environment = { SYNTHFLOW_API_KEY: 'key', SYNTHFLOW_MODEL_ID: 'agent', MIN_AGENT_SECONDS: '0' };

function plan(route: string, settings: object = {}, parties: object = {}): Plan {
  const read = readSettings({ ...environment, CALL_ROUTE: route, ...settings }, {}, parseAddress('+15550100100'));
  return planOf(read, parseCall({ From: '+15550100142', To: '+15550100100', ...parties }));
}

const full = plan(`agent,${person},voicemail`);
const agentOnly = plan('agent');
const at = (step: number, stage: Stage, isConfirmed = false): OwnUrl => ({ step, stage, isConfirmed });
const failed = parseLeg({ CallStatus: 'in-progress', DialCallStatus: 'failed' });

describe('A leg that has ended', () => {
  test.each([
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['failed', 'failed'],
    ['canceled', 'canceled'],
    ['completed', 'not_connected'],
    ['', 'no_status'],
    ['complete', 'unknown_status'],
  ])('with the status %j was not a conversation, with the reason %s', (DialCallStatus, reason) => {
    const next = afterLeg(at(0, 'agent'), parseLeg({ DialCallStatus }), agentOnly);

    expect(next).toEqual({ outcome: 'message', step: 1, reason, missedAgent: true });
  });

  test.each([
    [{ DialBridged: 'true' }, 'completed'],
    [{ DialBridged: 'false' }, 'message'],
    [{}, 'message'],
    [{ DialCallDuration: '0', DialBridged: 'true' }, 'message'],
    [{ DialCallDuration: '1' }, 'completed'],
    [{ DialCallDuration: '1', DialBridged: 'false' }, 'message'],
  ])('as completed, with %j, goes on with %s: Twilio leaves the duration out after a redirect', (sent, outcome) => {
    const leg = parseLeg({ DialCallStatus: 'completed', ...sent });

    for (const minAgentSeconds of [0, 1]) {
      const next = afterLeg(at(0, 'agent'), leg, { ...agentOnly, minAgentSeconds });
      expect(next).toMatchObject({ outcome });
    }
  });

  test('too soon was not a conversation with the agent, with the reason too_short', () => {
    const leg = parseLeg({ DialCallStatus: 'completed', DialCallDuration: '4' });
    const endOf = (stage: 'agent' | 'person' | 'transfer', minAgentSeconds: number) =>
      afterLeg(at(0, stage), leg, { ...full, minAgentSeconds });

    expect(endOf('agent', 5)).toMatchObject({ outcome: 'person', reason: 'too_short' });
    expect(endOf('agent', 4)).toEqual({ outcome: 'completed' });
    expect(endOf('person', 5)).toEqual({ outcome: 'completed' });
    expect(endOf('transfer', 5)).toEqual({ outcome: 'completed' });
  });

  test('without a voicemail, because the caller was silent, goes on with the next step', () => {
    const place = at(0, 'voicemail');
    const silent = parseLeg({ CallStatus: 'in-progress' });

    expect(afterLeg(place, silent, plan(`voicemail,${person}`))).toMatchObject({
      outcome: 'person',
      step: 1,
      reason: 'silence',
    });
  });

  test.each(['0', '1'])('with a recording of %s s goes on as well: that is silence', (RecordingDuration) => {
    const recorded = parseLeg({ CallStatus: 'in-progress', RecordingDuration });

    expect(afterLeg(at(0, 'voicemail'), recorded, plan(`voicemail,${person}`))).toMatchObject({
      outcome: 'person',
      reason: 'silence',
    });
    expect(afterFailure('dial-result', 'unexpected', parseCall({ RecordingDuration }), full)).toMatchObject({
      outcome: 'message',
    });
  });

  test('is the one that its URL names, although a later deployment has another one at this step', () => {
    const talked = parseLeg({ DialCallStatus: 'completed', DialCallDuration: '300', DialBridged: 'true' });
    const recorded = parseLeg({ RecordingDuration: '12' });

    for (const route of ['voicemail,agent', `${person},agent`, 'agent', '']) {
      expect(afterLeg(at(0, 'agent'), talked, plan(route))).toEqual({ outcome: 'completed' });
      expect(afterLeg(at(0, 'voicemail'), recorded, plan(route))).toEqual({ outcome: 'voicemail_left' });
    }
    const short = { ...full, minAgentSeconds: 301 };
    expect(afterLeg(at(1, 'agent'), talked, short)).toMatchObject({ outcome: 'voicemail', reason: 'too_short' });
  });

  test('is a voicemail only when no leg was dialled: a recorded Dial has a recording as well', () => {
    const recorded = { RecordingUrl: 'https://api.twilio.com/x', RecordingDuration: '9' };

    expect(afterLeg(at(0, 'voicemail'), parseLeg(recorded), full)).toEqual({ outcome: 'voicemail_left' });
    expect(afterLeg(at(0, 'agent'), parseLeg({ ...recorded, DialCallStatus: 'busy' }), full)).toMatchObject({
      outcome: 'person',
    });
  });
});

describe('A route', () => {
  test.each<[string, object]>([
    ['agent', { outcome: 'prepare', agent: { modelId: 'agent' } }],
    [person, { outcome: 'person', phones: [{ number: person }] }],
    ['voicemail', { outcome: 'voicemail' }],
    [`voicemail,${person}`, { outcome: 'voicemail' }],
  ])('that begins with %s does so without a reason, and no agent is missed', (route, expected) => {
    const first = atStart(plan(route));
    const tried = first.outcome === 'prepare' ? first.tried : first;

    expect(first).toMatchObject(expected);
    expect(tried).toMatchObject({ step: 0, reason: undefined, missedAgent: false });
    expect(tried).not.toHaveProperty('skipped');
  });

  test('says the message alone when it is empty, for no reason', () => {
    const empty = readSettings(environment, { '+15550100100': { route: [] } }, parseAddress('+15550100100'));

    expect(atStart(planOf(empty, parseCall({ To: '+15550100100' })))).toEqual({
      outcome: 'message',
      step: 0,
      reason: undefined,
      missedAgent: false,
    });
  });

  test('comes to the agent after a person who did not answer', () => {
    const next = afterLeg(at(0, 'person'), failed, plan(`${person},agent`));

    expect(next).toMatchObject({ outcome: 'prepare', tried: { step: 1, reason: 'failed', missedAgent: false } });
  });

  test.each([
    ['misconfigured', { SYNTHFLOW_API_KEY: '' }, {}],
    ['misconfigured', { SYNTHFLOW_MODEL_ID: '' }, {}],
    ['misconfigured', { SYNTHFLOW_SIP_TERMINATION: 'host' }, {}],
    ['invalid_request', {}, { To: 'client:alice' }],
    ['unencoded_plus', {}, { To: ' 15550100100' }],
  ])('skips every agent that can not be reached, with the reason %s: %j %j', (reason, settings, parties) => {
    expect(atStart(plan(`agent,agent,${person}`, settings, parties))).toMatchObject({
      outcome: 'person',
      step: 2,
      reason,
      missedAgent: true,
      skipped: [0, 1],
    });
  });

  test('gives the first reason when a later agent is skipped, too', () => {
    const people = plan(`${person},agent,voicemail`, { SYNTHFLOW_API_KEY: '' });

    expect(afterLeg(at(0, 'person'), failed, people)).toMatchObject({
      outcome: 'voicemail',
      reason: 'failed',
      skipped: [1],
    });
  });

  const spellings = ['+15550100190', '15550100190', '5550100190', '05550100190', '0015550100190', '01115550100190'];
  const diverted = [
    ...spellings,
    ...['+1 555 010 0190', '(555) 010-0190', '555.010.0190', ' 5550100190'],
    ...spellings.map((number) => `sip:${number}@carrier.example`),
    ...[
      '"Bob" <sip:555-010-0190@carrier.example;user=phone>',
      'tel:+1-555-010-0190',
      'sip:%2B15550100190@[2001:db8::1]',
    ],
  ];
  test.each([
    ...diverted.map((ForwardedFrom) => ({ ForwardedFrom })),
    ...spellings.map((From) => ({ From })),
    { From: 'sip:15550100190@pbx.example' },
  ])('skips the phone where the call has been (%j), since it would be busy or divert the call again', (parties) => {
    const next = afterLeg(at(0, 'agent'), failed, plan(`agent,${person},voicemail`, {}, parties));

    expect(next).toMatchObject({ outcome: 'voicemail', step: 2, skipped: [1] });
  });

  test('skips a phone whose national number begins as an international one', () => {
    const leeds = '+441134960000';
    for (const sent of ['01134960000', 'sip:01134960000@pbx1.example', 'tel:0113-496-0000']) {
      expect(atStart(plan(`${leeds},voicemail`, {}, { ForwardedFrom: sent }))).toMatchObject({ skipped: [0] });
    }
  });

  test('rings the others of a group where the call has been at one', () => {
    const table = { '+15550100100': { route: [['+15550100190', '+15550100191']] } } as const;
    const read = readSettings(environment, table, parseAddress('+15550100100'));
    const group = planOf(read, parseCall({ From: '+15550100190', To: '+15550100100' }));

    expect(atStart(group)).toMatchObject({ outcome: 'person', phones: [{ number: '+15550100191' }] });
  });
});

describe('A function that failed', () => {
  const failing = (event: 'inbound' | 'dial-result', parameters: Parameters, route: string) =>
    afterFailure(event, 'unexpected', parseCall(parameters, true), plan(route));

  test.each([
    [`agent,${person}`, { outcome: 'person', step: 1, missedAgent: true }],
    [`${person},agent`, { outcome: 'person', step: 0, missedAgent: false }],
    ['agent,agent', { outcome: 'message', step: 2, skipped: [0, 1] }],
    ['agent,voicemail', { outcome: 'voicemail', step: 1 }],
  ])('as the first of a call takes %s to the first step that needs no preparing', (route, expected) => {
    expect(failing('inbound', {}, route)).toMatchObject({ ...expected, reason: 'unexpected' });
  });

  test.each([
    ['0', { outcome: 'person', step: 1 }],
    ['1', { outcome: 'voicemail', step: 2 }],
    ['2', { outcome: 'message', step: 3 }],
    ['3', { outcome: 'message', step: 3 }],
    [undefined, { outcome: 'message', step: 3 }],
  ])('after step %s goes on after it, and tries nothing again', (step, expected) => {
    const parameters: Parameters = { ...(step !== undefined && { bridge_step: step }), DialCallStatus: 'busy' };

    expect(failing('dial-result', parameters, `agent,${person},voicemail`)).toMatchObject(expected);
  });

  test('after a recording asks for no second one', () => {
    expect(failing('dial-result', { bridge_step: '0', RecordingDuration: '9' }, `voicemail,${person}`)).toEqual({
      outcome: 'voicemail_left',
    });
  });

  test('while the agent asks for a transfer leaves the caller with the agent', () => {
    expect(afterFailure('transfer', 'unexpected', parseCall({ bridge_step: '0' }, true), full)).toEqual({
      outcome: 'transfer_refused',
      step: 0,
      reason: 'unexpected',
    });
  });

  test("on a person's leg ends that leg, and the caller's route goes on", () => {
    expect(afterFailure('confirm', 'unexpected', parseCall({}), full)).toEqual({ outcome: 'not_confirmed' });
  });

  test('with a voicemail counts it as undelivered', () => {
    expect(afterFailure('voicemail', 'unexpected', parseCall({}), full)).toEqual({
      outcome: 'voicemail_undelivered',
      reason: 'unexpected',
    });
  });
});

describe('After preparing', () => {
  const first = (given: Plan) => {
    const next = atStart(given);
    if (next.outcome !== 'prepare') throw new Error(`the first step is ${next.outcome}`);
    return next;
  };
  const failedBy = (given: Plan, reason: PrepareFailure, variables = {}): Next =>
    afterPreparing(first(given), { prepared: false, reason }, given, variables);

  test('a prepared call dials the agent with its id', () => {
    const result = { prepared: true, synthflowCallId: 'id', httpStatus: 200 } as const;

    expect(afterPreparing(first(full), result, full, {})).toMatchObject({
      outcome: 'agent',
      step: 0,
      destination: { number: '+15550100100', ringSeconds: 20 },
      synthflowCallId: 'id',
    });
  });

  const survivable = prepareFailures.filter((reason) => reason !== 'outage' && reason !== 'unauthorized');
  test.each(survivable)('the reason %s leads to the next step, also where that is an agent again', (reason) => {
    expect(failedBy(full, reason)).toMatchObject({ outcome: 'person', step: 1, reason, missedAgent: true });
    expect(failedBy(plan('agent,agent'), reason)).toMatchObject({
      outcome: 'prepare',
      tried: { step: 1, reason, missedAgent: true },
    });
  });

  test.each(survivable)('the reason %s dials the trunk directly, where DIRECT_DIAL allows it', (reason) => {
    const direct = plan(`agent,${person}`, { DIRECT_DIAL: 'true' });

    expect(failedBy(direct, reason, { caller_city: 'Bonn', odd: '\u0007' })).toMatchObject({
      outcome: 'agent_direct',
      step: 0,
      reason,
      headers: 'X-caller-city=Bonn',
      omittedHeaders: ['odd'],
    });
  });

  test.each(['outage', 'unauthorized'] as const)('the reason %s tries no other agent, and dials no trunk', (reason) => {
    for (const DIRECT_DIAL of ['true', 'false']) {
      expect(failedBy(plan(`agent,agent,${person}`, { DIRECT_DIAL }), reason)).toMatchObject({
        outcome: 'person',
        step: 2,
        reason,
        skipped: [1],
      });
    }
  });
});

describe('A person whose phone has confirm', () => {
  const given = (route: readonly TableStep[]): Plan => {
    const read = readSettings(
      { ...environment, TRANSFER_NUMBERS: '+15550100191' },
      { '+15550100100': { route } },
      parseAddress('+15550100100'),
    );
    return planOf(read, parseCall({ From: '+15550100142', To: '+15550100100' }));
  };
  const asked = given(['agent', ['+15550100192', { number: person, confirm: true }], 'voicemail']);

  test.each([
    [{ DialBridged: 'true' }, undefined],
    [{ DialBridged: 'true', DialCallDuration: '9' }, undefined],
    [{ DialCallDuration: '9' }, 'not_confirmed'],
    [{ DialBridged: 'false', DialCallDuration: '9' }, 'not_confirmed'],
    [{}, 'not_confirmed'],
    [{ DialCallStatus: 'answered', DialCallDuration: '9' }, 'not_confirmed'],
    [{ DialCallStatus: 'no-answer', DialCallDuration: '9' }, 'not_confirmed'],
    [{ DialCallStatus: 'no-answer', DialCallDuration: '0' }, 'no_answer'],
    [{ DialCallStatus: 'no-answer' }, 'no_answer'],
    [{ DialCallStatus: 'canceled', DialBridged: 'true' }, 'canceled'],
  ])('has had a conversation only where Twilio says that the two were bridged: %j', (sent, reason) => {
    const leg = parseLeg({ DialCallStatus: 'completed', ...sent });
    const expected = reason === undefined ? { outcome: 'completed' } : { outcome: 'voicemail', step: 2, reason };

    expect(afterLeg(at(1, 'person', true), leg, asked)).toMatchObject(expected);
  });

  test('is one on whose leg our own URL says so, also after a transfer', () => {
    const leg = parseLeg({ DialCallStatus: 'completed', DialCallDuration: '9' });

    expect(afterLeg(at(0, 'transfer', true), leg, full)).toMatchObject({ reason: 'not_confirmed' });
    expect(afterLeg(at(0, 'transfer'), leg, asked)).toEqual({ outcome: 'completed' });
    expect(afterLeg(at(1, 'person'), leg, asked)).toEqual({ outcome: 'completed' });
  });

  test.each([
    [undefined, 'confirm_asked'],
    ['1', 'confirmed'],
    ['2', 'not_confirmed'],
    ['', 'not_confirmed'],
    ['11', 'not_confirmed'],
  ])('and pressed %j is %s', (digits, outcome) => {
    expect(afterConfirm(digits)).toEqual({ outcome });
  });
});

describe('A transfer', () => {
  const given = plan(`agent,${person},voicemail`, { TRANSFER_NUMBERS: '+15550100191,+15550100192' });

  test('to an allowed number rings the configured number', () => {
    expect(afterRefer({ kind: 'number', number: '+15550100192' }, { step: 0 }, given)).toMatchObject({
      outcome: 'transfer_number',
      phone: { number: '+15550100192', ringSeconds: 20 },
      step: 0,
    });
  });

  test('to a phone further on counts as its step, so that it does not ring again', () => {
    expect(afterRefer({ kind: 'number', number: person }, { step: 0 }, given)).toMatchObject({
      outcome: 'transfer_number',
      phone: { number: person },
      step: 1,
    });
  });

  test('to a phone that has rung before goes on after the agent', () => {
    const back = plan(`${person},agent,+15550100191`);

    expect(afterRefer({ kind: 'number', number: person }, { step: 1 }, back)).toMatchObject({
      phone: { number: person },
      step: 1,
    });
  });

  test('to a phone that rings before and after the agent counts as the step after, also in a group', () => {
    const route = ['+15550100191', 'agent', ['+15550100190', '+15550100191']] as const;
    const read = readSettings(environment, { '+15550100100': { route } }, parseAddress('+15550100100'));
    const group = planOf(read, parseCall({ To: '+15550100100' }));

    expect(afterRefer({ kind: 'number', number: '+15550100191' }, { step: 1 }, group)).toMatchObject({ step: 2 });
  });

  test('back to Synthflow is dialled there', () => {
    expect(afterRefer({ kind: 'synthflow', sipUri: 'sip:x@sip.example' }, { step: 2 }, full)).toEqual({
      outcome: 'transfer_sip',
      step: 2,
      sipUri: 'sip:x@sip.example',
    });
  });

  test.each([
    [{ kind: 'number', number: '+15550100177' }, 'number_not_allowed'],
    [{ kind: 'number', number: '+15550100100' }, 'number_not_allowed'],
    [{ kind: 'refused', reason: 'host_not_allowed' }, 'host_not_allowed'],
    [{ kind: 'refused', reason: 'target_malformed' }, 'target_malformed'],
  ] as const)('to %j is refused, and rings nobody: the agent is still there', (target, reason) => {
    expect(afterRefer(target, { step: 0 }, given)).toEqual({ outcome: 'transfer_refused', step: 0, reason });
    expect(afterRefer(target, { step: 0 }, agentOnly)).toEqual({ outcome: 'transfer_refused', step: 0, reason });
  });

  test.each(['+15550100191', person])('to %s, where the call has been, is refused', (number) => {
    const parties = { From: person, ForwardedFrom: '555-010-0191' };
    const visited = plan(`agent,${person}`, { TRANSFER_NUMBERS: '+15550100191' }, parties);

    expect(afterRefer({ kind: 'number', number }, { step: 0 }, visited)).toEqual({
      outcome: 'transfer_refused',
      step: 0,
      reason: 'number_visited',
    });
  });
});

describe('A call', () => {
  const leg = (stage: Stage, fields: object): object => ({
    bridge_step: '0',
    bridge_leg: stage,
    DialCallStatus: 'no-answer',
    ...fields,
  });
  const confirmed = (fields: object): object => leg('person', { ...fields, bridge_confirm: 'yes' });
  const missed = (event: object): boolean => {
    const call = parseCall(event, true);
    const next = afterLeg(call.own, parseLeg(call.parameters), plan(''));
    return next.outcome !== 'prepare' && isMissedCall(next, call);
  };

  test.each([
    ['whose route comes to the message', leg('agent', {})],
    ['whose caller hung up while the agent rang', leg('agent', { CallStatus: 'completed' })],
    [
      'whose caller hung up before the person pressed a key',
      confirmed({ CallStatus: 'completed', DialCallDuration: '9' }),
    ],
    ['whose caller hung up before the tone of the voicemail', { bridge_leg: 'voicemail', CallStatus: 'completed' }],
  ])('%s is missed', (_what, event) => {
    expect(missed(event)).toBe(true);
  });

  test.each([
    ['the agent talked, and the caller hung up', leg('agent', { CallStatus: 'completed', DialCallDuration: '9' })],
    ['the agent was heard', leg('agent', { CallStatus: 'completed', DialBridged: 'true' })],
    ['a person pressed the key', confirmed({ CallStatus: 'completed', DialBridged: 'true' })],
    ['a transfer came to nothing', leg('transfer', {})],
    ['a transfer came to nothing, and the next step, too', leg('person', { bridge_talked: 'yes' })],
    ['a voicemail was left', { bridge_leg: 'voicemail', RecordingDuration: '9', CallStatus: 'completed' }],
    ['a conversation ended', leg('agent', { DialCallStatus: 'completed', DialCallDuration: '9' })],
  ])('is not missed once %s', (_what, event) => {
    expect(missed(event)).toBe(false);
  });
});

describe('The log line of a decision', () => {
  const destination: Destination = {
    trunk: { hosts: [{ name: 'sip.example', port: 5060 }], transport: undefined, srtp: false, region: undefined },
    dialNumber: undefined,
    ringSeconds: 20,
    attributes: {},
    number: '+15550100100',
  };
  const tried = { step: 1, reason: 'busy', missedAgent: true, skipped: [0] } as const;
  const phone = { number: person, ringSeconds: 20, confirm: false, sendDigits: undefined };
  const fields = { step: 1, reason: 'busy', missedAgent: true, skipped: [0] };

  test.each<[Decision, object]>([
    [{ outcome: 'agent', ...tried, destination, synthflowCallId: 'id' }, fields],
    [
      { outcome: 'agent_direct', ...tried, destination, headers: '', omittedHeaders: ['plan'] },
      { ...fields, omittedHeaders: ['plan'] },
    ],
    [
      { outcome: 'message', ...tried, missedAgent: false },
      { ...fields, missedAgent: undefined },
    ],
    [{ outcome: 'transfer_number', step: 2, phone }, { step: 2 }],
    [{ outcome: 'transfer_sip', step: 2, sipUri: 'sip:x@sip.example' }, { step: 2 }],
    [
      { outcome: 'transfer_refused', step: 2, reason: 'target_malformed' },
      { step: 2, reason: 'target_malformed' },
    ],
    [{ outcome: 'voicemail_undelivered', reason: 'timeout' }, { reason: 'timeout' }],
    [{ outcome: 'completed' }, {}],
  ])('has the fields of its kind: %j', (decision, expected) => {
    expect(logFieldsOf(decision)).toEqual(expected);
  });
});

test('Outcomes and reasons are closed sets without repetition', () => {
  expect(new Set(outcomes).size).toBe(outcomes.length);
  expect(new Set(stepReasons).size).toBe(stepReasons.length);
});
