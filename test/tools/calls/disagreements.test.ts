import { disagreementsOf } from '../../../tools/calls/disagreements';
import type { Records } from '../../../tools/calls/records';
import { agentLeg, inboundLine, recordsOf, resultLine, second, synthflowCall, webhook } from '../../setup/records';

describe('The sources of a call', () => {
  test.each<{ case: string; records: Partial<Records> }>([
    { case: 'all say that it reached the agent', records: {} },
    { case: 'differ by what whole seconds hide', records: { synthflow: [synthflowCall({ talkMs: 39_400 })] } },
    { case: 'say little', records: { lines: [inboundLine()], synthflow: [], legs: [], requests: [] } },
    { case: 'are one alone', records: { legs: [], synthflow: [synthflowCall({ talkMs: undefined })] } },
    {
      case: 'say that it failed',
      records: {
        lines: [inboundLine(), resultLine({ outcome: 'person', reason: 'busy', seconds: 0 })],
        legs: [agentLeg({ answered: undefined })],
        synthflow: [synthflowCall({ status: 'busy', talkMs: 0 })],
      },
    },
    {
      case: 'say that it failed while it went on',
      records: {
        lines: [inboundLine(), resultLine({ outcome: 'person', reason: 'failed', seconds: undefined })],
        legs: [],
        synthflow: [synthflowCall({ status: 'failed' })],
      },
    },
    {
      case: 'say that the agent left too soon',
      records: {
        lines: [inboundLine(), resultLine({ outcome: 'person', reason: 'too_short' })],
      },
    },
    {
      case: 'say that the caller hung up',
      records: {
        lines: [inboundLine(), resultLine({ outcome: 'caller_hung_up' })],
        synthflow: [synthflowCall({ hangup: 'caller' })],
      },
    },
    {
      case: 'say nothing about who hung up',
      records: {
        lines: [inboundLine(), resultLine({ outcome: 'caller_hung_up' })],
        synthflow: [synthflowCall({ hangup: undefined })],
      },
    },
    {
      case: 'say that the caller hung up while it rang',
      records: {
        lines: [inboundLine(), resultLine({ outcome: 'caller_hung_up', seconds: 0 })],
        legs: [agentLeg({ answered: undefined })],
        synthflow: [synthflowCall({ status: 'canceled', talkMs: 0 })],
      },
    },
    { case: 'speak of another leg', records: { lines: [inboundLine(), resultLine({ stage: 'person', seconds: 9 })] } },
    {
      case: 'lack the line of a request that failed',
      records: { requests: [webhook({ path: '/transfer', httpStatus: 500 })] },
    },
    {
      case: 'include a transfer that was refused',
      records: {
        lines: [
          inboundLine(),
          inboundLine({ event: 'transfer', stage: 'agent', outcome: 'transfer_refused', reason: 'number_not_allowed' }),
          resultLine(),
        ],
      },
    },
    {
      case: 'include a refused transfer, after which the call goes on',
      records: {
        lines: [
          inboundLine(),
          inboundLine({ event: 'transfer', stage: 'agent', outcome: 'transfer_refused', reason: 'number_not_allowed' }),
        ],
      },
    },
    { case: 'include no agent', records: { lines: [resultLine({ stage: 'person' })] } },
    {
      case: 'include two agents, and Synthflow knows only the first',
      records: {
        lines: [
          inboundLine(),
          resultLine({ outcome: 'agent', reason: 'no_answer', seconds: 0, synthflowCallId: 'another-id' }),
          resultLine(),
        ],
        synthflow: [synthflowCall({ status: 'no-answer', talkMs: 0 })],
      },
    },
    {
      case: 'include a direct dial after an agent who did not answer',
      records: {
        lines: [inboundLine(), resultLine({ outcome: 'agent_direct', reason: 'no_answer', seconds: 0 }), resultLine()],
        synthflow: [synthflowCall({ status: 'no-answer', talkMs: 0 })],
      },
    },
    {
      case: 'include a second agent who still talks',
      records: {
        lines: [
          inboundLine(),
          resultLine({ outcome: 'agent', reason: 'no_answer', seconds: 0, synthflowCallId: 'another-id' }),
        ],
        synthflow: [synthflowCall({ status: 'no-answer', talkMs: 0 }), synthflowCall({ id: 'another-id' })],
      },
    },
    {
      case: 'include a request that was repeated, and then answered',
      records: { requests: [webhook({ httpStatus: 0 }), webhook({ time: second(1) })] },
    },
    { case: 'know a document by another status', records: { requests: [webhook({ httpStatus: 299 })] } },
  ])('agree when they $case', ({ records }) => {
    expect(disagreementsOf(recordsOf(records))).toEqual([]);
  });

  test.each(['failed', 'busy', 'no-answer', 'canceled'])(
    'disagree when Synthflow says %s of a call that the bridge completed',
    (status) => {
      expect(disagreementsOf(recordsOf({ synthflow: [synthflowCall({ status })] }))).toEqual([
        `The bridge says completed, Synthflow says ${status}`,
      ]);
    },
  );

  test('say why in the words of Synthflow', () => {
    const known = synthflowCall({ status: 'failed', endReason: 'agent_error', error: 'no audio' });

    expect(disagreementsOf(recordsOf({ synthflow: [known] }))).toEqual([
      'The bridge says completed, Synthflow says failed (agent_error: no audio)',
    ]);
    expect(disagreementsOf(recordsOf({ synthflow: [{ ...known, error: undefined }] }))).toEqual([
      'The bridge says completed, Synthflow says failed (agent_error)',
    ]);
  });

  test.each([
    [1000, ['The bridge says no_answer, Synthflow says completed']],
    [999, []],
  ])('disagree when Synthflow completed a call of %i ms that the bridge missed: %j', (talkMs, sentences) => {
    const lines = [inboundLine(), resultLine({ outcome: 'person', reason: 'no_answer', seconds: undefined })];
    const legs = [agentLeg({ answered: undefined })];

    expect(disagreementsOf(recordsOf({ lines, legs, synthflow: [synthflowCall({ talkMs })] }))).toEqual(sentences);
  });

  test('disagree about who hung up', () => {
    const lines = [inboundLine(), resultLine({ outcome: 'caller_hung_up' })];

    expect(disagreementsOf(recordsOf({ lines }))).toEqual([
      'The bridge says that the caller hung up, Synthflow says that the agent did',
    ]);
  });

  test('disagree about how long the agent talked, from 4 s on', () => {
    const lines = [inboundLine(), resultLine({ seconds: 46 })];

    expect(disagreementsOf(recordsOf({ lines }))).toEqual([
      'How long the agent talked: The bridge says 46 s, Twilio says 42 s, Synthflow says 42 s',
    ]);
    expect(disagreementsOf(recordsOf({ lines, synthflow: [], legs: [agentLeg({ end: second(49) })] }))).toEqual([
      'How long the agent talked: The bridge says 46 s, Twilio says 41 s',
    ]);
    expect(disagreementsOf(recordsOf({ lines: [inboundLine(), resultLine({ seconds: 45 })] }))).toEqual([]);
  });

  test.each([
    [502, 'got HTTP 502'],
    [300, 'got HTTP 300'],
    [199, 'got HTTP 199'],
    [0, 'got no answer'],
  ])("disagree when Twilio couldn't use the answer of a function that wrote its line: %i", (httpStatus, got) => {
    expect(disagreementsOf(recordsOf({ requests: [webhook({ httpStatus })] }))).toEqual([
      `The bridge says that /inbound answered agent, Twilio ${got}`,
    ]);
  });
});
