import { realCallOf } from '../../tools/live/call/real-call';
import { groupCalls } from '../../tools/live/history';
import { agentLeg, callerLeg, inboundLine, recordsOf, resultLine, second } from '../setup/records';

const transferLine = { ...inboundLine({ event: 'transfer', outcome: 'transfer_number' }), time: second(20) };

describe('A real call', () => {
  test('of which the caller hangs up while the target of a transfer rings ends once, without the agent', () => {
    const target = agentLeg({ sid: 'CA3', to: '+15550100191', status: 'canceled', start: second(20), end: second(25) });
    const ended = resultLine({ outcome: 'caller_hung_up', seconds: 17 });
    const lines = [inboundLine(), transferLine, { ...ended, time: second(25) }];
    // Twilio may end the agent's leg a little later.
    const legs = [agentLeg({ end: second(28) }), { ...target, answered: undefined }];
    const call = callerLeg({ end: second(25) });
    const { steps, heard } = realCallOf(recordsOf({ call, lines, legs, requests: [] }));

    expect(steps.filter(({ title }) => title === 'hangs up').map(({ from }) => from)).toEqual(['caller']);
    expect(steps.map(({ title }) => title)).not.toContain('ends the call');
    expect(heard.map(({ what }) => what)).toEqual(['ringing', 'the agent', 'ringing']);
  });

  test('talks with the agent until the agent joins the caller to somebody else', () => {
    const joining = agentLeg({
      sid: 'CA3',
      start: second(45),
      answered: second(46),
      end: second(350),
      isJoining: true,
    });
    const legs = [callerLeg(), agentLeg(), joining];
    const lines = [inboundLine(), { ...transferLine, time: second(45) }, resultLine()];

    expect(groupCalls(lines, legs)).toMatchObject([{ talkSeconds: 42, answerSeconds: 8 }]);
    expect(realCallOf(recordsOf({ lines, legs: legs.slice(1) })).disagreements).toEqual([]);
  });
});
