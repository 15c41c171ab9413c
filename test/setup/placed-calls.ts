import { type Lab, type PlacedCall, startLab } from '../../lab/lab';
import { type ScenarioName, scenarios } from '../../lab/scenarios';
import { labEnvironment } from '../../lab/settings';
import { recordCall } from './recorded-call';
import type { StandIn } from './twilio-api';

/** Gives a file's tests one lab, whose calls the stand-in of both platforms can have on record. */
export function useLab() {
  let lab: Lab | undefined;
  beforeAll(async () => {
    lab = await startLab({ secondMs: 50, settings: async () => ({ environment: labEnvironment, numbers: {} }) });
  });
  afterAll(() => lab?.stop());
  return {
    place: async (name: ScenarioName, parties: { readonly caller?: string; readonly called?: string } = {}) => {
      if (lab === undefined) throw new Error('the lab is there only while tests run');
      return lab.place(scenarios[name], parties);
    },
    /** Puts a call on record, as if it had come in at this time; Twilio shows webhooks from 15 minutes after the end. */
    record: (api: StandIn, call: PlacedCall, placed: Date): void => {
      const { calls, events, logs, synthflow } = recordCall(call, placed);
      api.calls.push(...calls);
      if (Date.now() - placed.getTime() > 16 * 60_000) api.events[call.callSid] = events;
      api.logs.push(...logs);
      Object.assign(api.synthflow.calls, synthflow);
    },
  };
}

/** The whole second that was this many minutes ago. */
export const minutesAgo = (minutes: number): Date => new Date((Math.floor(Date.now() / 1000) - minutes * 60) * 1000);
