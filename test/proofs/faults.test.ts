import type { PlacedCall } from '../../lab/lab';
import { apiAnswers } from '../../lab/synthflow/api';
import { apiFaults } from '../setup/api-faults';
import { judgeCell } from './faults/cell';
import { expectedSounds, type Fault, faults, routeConfigurations } from './faults/matrix';
import { renderMatrix } from './faults/table';

const fault: Fault = {
  stage: 'prepare',
  title: 'an outage',
  scenario: { api: ['outage'] },
  before: [],
  next: 'route',
};
const route = { number: true, voicemail: false, directDial: false };

/** A caller who waited for 100 ms, heard a phone ring, and talked to a person. */
const call: PlacedCall = {
  callSid: 'CA0',
  caller: '+15550100142',
  called: '+15550100100',
  reached: false,
  steps: [
    { at: 0, from: 'caller', to: 'Twilio', title: 'dials', failed: false, content: '' },
    {
      at: 40,
      from: 'Synthflow API',
      to: 'function',
      title: '200',
      failed: false,
      content: '{"error_message":"No agents today."}',
    },
    { at: 100, from: 'function', to: 'Twilio', title: '200 text/xml', failed: false, content: '<Dial/>' },
    { at: 900, from: 'Twilio', to: 'caller', title: 'ends the call', failed: false, content: '' },
  ],
  heard: [
    { at: 100, until: 300, what: 'ringing' },
    { at: 300, until: 900, what: 'a person' },
  ],
  warnings: [],
  printed: ['a line of nobody'],
  log: ['{"event":"inbound","outcome":"person","from":"…0142"}'],
};

describe('A cell of the fault matrix', () => {
  test('has no problem when the caller heard what the route promises, and counts the silence', () => {
    expect(judgeCell(fault, route, call)).toEqual({ sounds: ['rings', 'person'], waited: 0.1, problems: [] });
  });

  const answer = (content: string) => call.steps.map((step) => (step.at === 100 ? { ...step, content } : step));
  test.each<[string, Partial<PlacedCall>, string]>([
    ['another sound', { heard: [{ at: 100, until: 900, what: 'the agent' }] }, 'expected rings, person; heard agent'],
    ['silence', { heard: [] }, 'silence'],
    ['the error voice', { heard: [{ at: 0, until: 900, what: 'error voice: "…"' }] }, 'the error voice'],
    ['a wait of 10.1 s', { heard: [{ at: 10_100, until: 10_900, what: 'ringing' }] }, 'waited 10.1 s'],
    [
      'a warning that belongs to a refused transfer',
      { warnings: [{ at: 1, code: 13254, text: 'x' }] },
      'Twilio warns: 13254 x',
    ],
    ['a warning of Twilio', { warnings: [{ at: 1, code: 12200, text: 'strange' }] }, 'Twilio warns: 12200 strange'],
    ['a masked secret', { log: ['{"key":"•••"}'] }, 'a key or a token was told'],
    ['a full number in a log line', { log: ['+15550100142'] }, 'a printed line holds +15550100142'],
    ['a full number in a stack trace', { printed: ['at x (+15550100142)'] }, 'a printed line holds +15550100142'],
    [
      "a platform's text in a log line",
      { log: ['No agents today.'] },
      'a printed line holds Synthflow\'s "No agents today."',
    ],
    [
      "a platform's text in TwiML",
      { steps: answer('No agents today.') },
      'TwiML holds Synthflow\'s "No agents today."',
    ],
  ])('has a problem with %s', (_what, changes, problem) => {
    expect(judgeCell(fault, route, { ...call, ...changes }).problems).toContain(problem);
  });
});

describe('The fault matrix', () => {
  test('has every fault that the API can play', () => {
    const played = new Set(
      faults.flatMap<unknown>(({ scenario: { api } }) => (typeof api === 'string' ? [api] : (api ?? []))),
    );

    const answers = [...Object.keys(apiAnswers), ...Object.values(apiFaults), 'refused'];
    expect(played).toEqual(new Set(answers));
  });

  test('has every configuration of the route once, and faults of different names', () => {
    expect(new Set(routeConfigurations.map((one) => JSON.stringify(one))).size).toBe(8);
    expect(new Set(faults.map(({ stage, title }) => `${stage}: ${title}`)).size).toBe(faults.length);
  });

  test('expects every caller who stays to end with somebody or something to hear', () => {
    for (const one of faults.filter(({ next }) => next !== 'nothing')) {
      for (const configuration of routeConfigurations) {
        // A person who does not answer the static fallback leaves a caller who has heard the message.
        const sounds = expectedSounds(one, configuration).filter((sound) => sound !== 'rings');
        expect(['agent', 'agent again', 'person', 'message', 'closing']).toContain(sounds.at(-1));
      }
    }
  });

  test('is written as a table with what was heard and for how long the caller waited', () => {
    const cell = { sounds: ['rings', 'person'], waited: 0.14, problems: [] };

    expect(renderMatrix([{ fault, route, cell }])).toContain(
      '| fault | number → message |\n|---|---|\n| an outage | rings, person · 0.1 s |',
    );
  });
});
