import { planOf } from '../../src/assets/plan.private';
import { readSettings } from '../../src/assets/settings.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
import { parseCall } from '../../src/assets/twilio/call.private';

const environment = { SYNTHFLOW_API_KEY: 'key', SYNTHFLOW_MODEL_ID: 'agent' };
const plan = (parameters: object, table = {}) => {
  const call = parseCall(parameters);
  return planOf(readSettings(environment, table, parseAddress(call.to)), call);
};

describe('The plan of a call', () => {
  test.each([
    [{ From: '+15550100190' }, ['+15550100190']],
    [{ From: 'sip:+15550100190@pbx.example', ForwardedFrom: '+15550100155' }, ['+15550100190', '+15550100155']],
    [{ From: 'whatsapp:+15550100190', ForwardedFrom: 'sip:15550100155@pbx.example' }, ['+15550100190', '+15550100155']],
    [{ From: 'anonymous', ForwardedFrom: 'client:a' }, []],
    [{}, []],
  ])('knows where the call has been: %j', (parties, visited) => {
    expect(plan({ To: '+15550100100', ...parties }).visited).toStrictEqual(visited);
  });

  test('rings a transfer target as the route says that the call takes', () => {
    const hours = { timeZone: 'UTC', open: {} };
    const table = {
      '+15550100100': { route: ['+15550100190'], hours, closedRoute: [{ number: '+15550100190', confirm: true }] },
    } as const;
    const settings = readSettings(environment, table, parseAddress('+15550100100'));
    const closed = { ...settings, route: settings.closed?.route ?? [] };
    const call = parseCall({ To: '+15550100100' });

    expect(planOf(settings, call).transferTargets[0]).toMatchObject({ confirm: false });
    expect(planOf(closed, call).transferTargets[0]).toMatchObject({ confirm: true });
  });

  test('dials the called number at Synthflow, or the one that the table gives instead', () => {
    const table = { 'client:support': { dialNumber: '4711' } };

    expect(plan({ To: '15550100100' }).steps).toMatchObject([
      { kind: 'agent', destination: { number: '+15550100100' } },
    ]);
    expect(plan({ To: 'client:support' }, table).steps).toMatchObject([{ destination: { number: '4711' } }]);
  });

  test('has a model for each agent', () => {
    const table = { '+15550100100': { modelId: 'first', route: ['agent', { agent: 'second' }] } };

    expect(plan({ To: '+15550100100' }, table).steps).toMatchObject([{ modelId: 'first' }, { modelId: 'second' }]);
  });

  test('skips a phone where the call has been, without a reason', () => {
    const table = { '+15550100100': { route: ['+15550100190'] } };

    expect(plan({ From: '+15550100190', To: '+15550100100' }, table).steps).toEqual([
      { kind: 'unusable', reason: undefined },
    ]);
  });

  test("says why an agent can't be reached", () => {
    expect(plan({ To: 'client:alice' }).steps).toEqual([{ kind: 'unusable', reason: 'invalid_request' }]);
  });
});
