import { randomUUID } from 'node:crypto';
import { tell } from '../../tools/story';
import type { Lab } from '../lab';
import { changesOf, type Parties, scenarios } from '../scenarios';
import type { Story } from '../story';
import type { PageCall, PageCalls } from './news';
import type { PlaceRequest } from './request';

const emptyStory: Story = { steps: [], heard: [], warnings: [], log: [], printed: [] };

/** Places a call of the lab and keeps it for the page; `parties` are those of its scenario, and `asked` is the request as it came. */
export function placeForPage(
  lab: Lab,
  calls: PageCalls,
  request: PlaceRequest,
  parties: Required<Pick<Parties, 'caller' | 'called'>>,
  asked: string,
): PageCall {
  const scenario = scenarios[request.scenario];
  const isWaiting = calls.all().some(({ state }) => state === 'waiting' || state === 'running');
  let call = calls.keep({
    id: randomUUID(),
    name: request.scenario,
    title: scenario.title,
    changes: changesOf(scenario),
    caller: request.caller ?? parties.caller,
    called: request.called ?? parties.called,
    placed: new Date().toISOString(),
    state: isWaiting ? 'waiting' : 'running',
    asked,
    story: emptyStory,
    told: [],
  });
  const update = (changes: Partial<PageCall>): void => {
    call = calls.keep({ ...call, ...changes });
  };
  const grow = (story: Story): void => {
    // What a function prints may come after the call has ended.
    const state = call.state === 'waiting' ? 'running' : call.state;
    update({ story: { ...story }, told: tell(story), state });
  };
  lab.place(scenario, request, grow).then(
    ({ reached, callSid: _callSid, ...ended }) =>
      update({ story: ended, told: tell(ended), state: reached ? 'reached' : 'not reached' }),
    (error: unknown) => update({ told: [error instanceof Error ? error.message : String(error)], state: 'broken' }),
  );
  return call;
}
