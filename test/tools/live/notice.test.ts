import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../../../lab/port';
import { readBody } from '../../../lab/request';
import { groupCalls, totalsOf } from '../../../tools/live/history';
import { createMemory, messageOf, newsOf, parseNotifyUrl, tellNews } from '../../../tools/live/notice';
import { callerLeg, inboundLine, second } from '../../setup/records';

test.each([
  [false, false, undefined],
  [false, true, 'fell'],
  [true, true, undefined],
  [true, false, 'recovered'],
] as const)('A share that was below (%p) and is below (%p) has this news: %p', (wasBelow, isBelow, news) => {
  expect(newsOf(wasBelow, isBelow)).toBe(news);
});

describe('The message', () => {
  const missed = (callSid: string, reason?: 'timeout' | 'outage') =>
    inboundLine({ outcome: 'message', missedAgent: true, callSid, ...(reason && { reason }) });
  const talked = inboundLine({ event: 'transfer', callSid: 'CA9' });

  test('that callers miss the agent says how many, and the reasons, most frequent first', () => {
    // The reason may be in a later line.
    const later = [inboundLine({ callSid: 'CA6' }), { ...missed('CA6', 'outage'), time: second(9) }];
    const lines = [
      ...later,
      missed('CA2'),
      missed('CA3', 'outage'),
      missed('CA4', 'timeout'),
      missed('CA5', 'timeout'),
      talked,
    ];
    // A test call tells nobody anything.
    const legs = [callerLeg({ sid: 'CA7' }), callerLeg({ sid: 'CA8', direction: 'outbound-api' })];
    const calls = groupCalls([...lines, missed('CA7', 'outage')], legs);

    expect(messageOf('fell', 'the line', 95, totalsOf(calls), calls)).toBe(
      "Callers don't reach the agent: only 16.7 % of 6 callers reached the agent of the line, below 95 %. Reasons: outage (2), timeout (2), no reason (1). See npm run calls, and docs/runbook.md.",
    );
  });

  test('that all is well says so', () => {
    const calls = groupCalls([talked]);

    expect(messageOf('recovered', 'the line', 95, totalsOf(calls), calls)).toBe(
      'Well again: 100.0 % of 1 callers reached the agent of the line, at least the 95 % that are wanted.',
    );
  });
});

describe('The address of a chat', () => {
  test.each(['https://hooks.example.com/x', 'http://127.0.0.1:8080/x', 'http://localhost/x'])('may be %s', (url) => {
    expect(parseNotifyUrl(url, 95)).toBe(url);
  });

  test.each(['http://hooks.example.com/x', 'ftp://localhost/x', 'hooks', ''])(
    'cannot be %j, which is not repeated',
    (url) => {
      expect(() => parseNotifyUrl(url, 95)).toThrow(
        /^--notify: expected an https URL, such as that of an incoming webhook of Slack$/,
      );
    },
  );

  test('needs a share to watch, and may be left out', () => {
    expect(() => parseNotifyUrl('https://hooks.example.com/x', undefined)).toThrow(
      '--notify: expected --min-agent-share, too',
    );
    expect(parseNotifyUrl(undefined, undefined)).toBeUndefined();
  });
});

describe('The memory of what was posted', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bridge-notified-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('keeps what is watched apart, in a file that only this user can read', () => {
    const file = join(folder, '.notified.json');
    createMemory(file, 'dev').remember(true);
    createMemory(file, 'stage').remember(false);

    expect(createMemory(file, 'dev').wasBelow()).toBe(true);
    expect(createMemory(file, 'stage').wasBelow()).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe('{"dev":"below","stage":"well"}\n');
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  test.each(['', 'half a fi', 'null', '[]', '7'])('may vanish, or be broken: %j', (content) => {
    const file = join(folder, '.notified.json');
    expect(createMemory(file, 'dev').wasBelow()).toBe(false);
    writeFileSync(file, content);
    expect(createMemory(file, 'dev').wasBelow()).toBe(false);
    createMemory(file, 'dev').remember(true);
    expect(createMemory(file, 'dev').wasBelow()).toBe(true);
  });
});

describe('A chat', () => {
  test.each([
    [200, true],
    [299, true],
    [300, false],
    [500, false],
    [0, false],
  ])('that answers %i has taken the message: %p', async (status, isTaken) => {
    const bodies: string[] = [];
    const chat = await serve(async (incoming, response) => {
      bodies.push(`${incoming.headers['content-type']} ${await readBody(incoming)}`);
      if (status === 0) incoming.socket.destroy();
      else response.writeHead(status).end();
    });
    const remembered: boolean[] = [];
    const memory = { wasBelow: () => false, remember: (isBelow: boolean) => void remembered.push(isBelow) };
    const told = tellNews(chat.url, memory, true, (news) => `it ${news}`);
    const failure = await told.catch((error: Error) => error.message);
    await tellNews(chat.url, memory, false, () => 'nothing');
    await chat.stop();

    expect(bodies).toEqual(['application/json {"text":"it fell"}']);
    // What was so before is written first: whoever can't remember would post it with each run.
    expect(remembered).toEqual(isTaken ? [false, true] : [false]);
    expect(failure ?? '').toMatch(
      isTaken ? /^$/ : /^the message could not be posted to --notify: (HTTP [35]00|no connection)/,
    );
  });
});
