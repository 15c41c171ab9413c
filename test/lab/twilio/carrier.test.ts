import { createServer, type Server } from 'node:http';
import { startCallTime, startClock } from '../../../lab/clock';
import { listen } from '../../../lab/http';
import { type SipAgent, startSipAgent } from '../../../lab/sip/user-agent';
import { carry, errorVoice } from '../../../lab/twilio/carrier';
import type { PersonBehaviour, TransferMode } from '../../../lab/twilio/running-call';
import { newCallSid } from '../../../lab/twilio/webhook';
import { createRecorder, type Story } from '../../../tools/story/recorder';

/** What the web server of a number answers, by path. */
type Answers = Readonly<
  Record<string, { readonly status?: number; readonly type?: string; readonly body: string } | 'silence'>
>;

let answers: Answers;
let asked: { readonly method: string; readonly path: string; readonly form: Readonly<Record<string, string>> }[];
let server: Server;
let base: string;
let sip: SipAgent;
let invites: { readonly uri: string; readonly header: unknown }[];
let notified: number[];
let agentLeaves: boolean;
let trunk: SipAgent;
const clock = startClock(20);
beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const form = Object.fromEntries(new URLSearchParams(request.method === 'GET' ? query : body));
    asked.push({ method: request.method ?? '', path, form });
    const answer = answers[path] ?? { status: 404, body: '' };
    if (answer === 'silence') return;
    response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'text/xml' }).end(answer.body);
  });
  base = `http://127.0.0.1:${await listen(server)}`;
  sip = await startSipAgent(
    'carrier',
    () => undefined,
    (invite) => invite.refuse(403, 'Forbidden'),
  );
  trunk = await startSipAgent(
    'trunk',
    () => undefined,
    (invite) => {
      invites.push({ uri: invite.message.uri ?? '', header: invite.message.headers['x-ei'] });
      const dialog = invite.accept();
      dialog.onNotify((status) => {
        notified.push(status);
        // The agent goes on after a transfer that failed.
        if (status >= 300) dialog.bye();
      });
      void dialog.refer('sip:+15550100191@trunk.invalid').then(() => agentLeaves && dialog.bye());
    },
  );
});
afterAll(() => {
  clock.stop();
  sip.stop();
  trunk.stop();
  server.closeAllConnections();
  server.close();
});

const xml = (body: string) => ({ body: `<Response>${body}</Response>` });

interface Changes {
  readonly fallback?: string;
  readonly caller?: string;
  readonly person?: PersonBehaviour;
  /** What the person at this number does, if not the same. */
  readonly people?: Readonly<Record<string, PersonBehaviour>>;
  readonly voicemailSeconds?: number;
  readonly transferMode?: TransferMode;
  /** Whether the agent hangs up as soon as it has asked for the transfer. */
  readonly agentLeaves?: boolean;
}

async function callWith(given: Answers, changes: Changes = {}): Promise<Story> {
  answers = given;
  asked = [];
  invites = [];
  notified = [];
  agentLeaves = changes.agentLeaves ?? false;
  const recorder = createRecorder([], startCallTime(clock));
  await carry({
    voiceUrl: `${base}/voice`,
    fallbackUrl: changes.fallback === undefined ? undefined : `${base}${changes.fallback}`,
    caller: changes.caller ?? '+15550100142',
    called: '+15550100100',
    accountNumber: '+15550100100',
    synthflowAt: trunk.address,
    callSid: newCallSid(),
    sip,
    person: (number) => changes.people?.[number] ?? changes.person ?? 'answers',
    hangsUpAfterSeconds: undefined,
    voicemailSeconds: changes.voicemailSeconds ?? 0,
    transferMode: changes.transferMode ?? 'the agent stays',
    clock,
    timeoutMs: given['/voice'] === 'silence' ? 300 : 60_000,
    recorder,
  });
  return recorder.story();
}
const heard = (story: Story): string[] => story.heard.map(({ what }) => what);
const codes = (story: Story): number[] => story.warnings.map(({ code }) => code);

describe('A Dial to several phones', () => {
  const numbers = '<Number>+15550100190</Number><Number>+15550100191</Number>';
  const dial = { '/voice': xml(`<Dial action="/done">${numbers}</Dial>`), '/done': xml('<Hangup/>') };

  test('rings them at once, and the first to answer gets the call', async () => {
    const story = await callWith(dial, { people: { '+15550100190': 'does not answer' } });

    expect(story.steps.map(({ title }) => title).filter((title) => /rings|answer/.test(title))).toEqual([
      'answers the call',
      'rings +1…0190',
      'rings +1…0191',
      '+1…0191 answers',
    ]);
    expect(heard(story)).toEqual(['ringing', 'a person']);
    expect(asked.at(-1)?.form).toMatchObject({ DialCallStatus: 'completed', DialBridged: 'true' });
  });

  test('ends when none of them answers', async () => {
    const story = await callWith(dial, { people: { '+15550100190': 'does not answer', '+15550100191': 'is busy' } });

    expect(heard(story)).toEqual(['ringing']);
    expect(asked.at(-1)?.form).toMatchObject({ DialCallStatus: 'busy', DialCallDuration: '0', DialBridged: 'false' });
  });
});

describe('A Number with a url', () => {
  const gather = '<Gather action="/key" numDigits="1" timeout="10"><Say>Press 1.</Say></Gather><Hangup/>';
  const dial = xml('<Dial action="/done"><Number url="/ask">+15550100190</Number></Dial>');
  const pages = { '/voice': dial, '/ask': xml(gather), '/key': xml(''), '/done': xml('<Hangup/>') };
  const paths = (): string[] => asked.map(({ path }) => path);

  test("runs on the person's leg, and an empty answer connects the caller", async () => {
    const story = await callWith(pages);
    const [inbound, first, second, done] = asked.map(({ form }) => form);

    expect(paths()).toEqual(['/voice', '/ask', '/key', '/done']);
    expect(first).toMatchObject({ To: '+15550100190', ParentCallSid: inbound?.CallSid, Direction: 'outbound-dial' });
    expect(first?.CallSid).not.toBe(inbound?.CallSid);
    expect(second).toMatchObject({ ...first, Digits: '1' });
    expect(done).toMatchObject({ DialCallStatus: 'completed', DialBridged: 'true' });
    expect(heard(story)).toEqual(['ringing', 'a person']);
  });

  test('hangs up on a mailbox that presses nothing, without connecting it', async () => {
    const start = clock.now();
    const story = await callWith(pages, { person: 'is a mailbox' });
    const seconds = Math.round(clock.now() - start);

    // 2 s of ringing, and the 10 s of the Gather.
    expect(seconds).toBeGreaterThanOrEqual(12);
    expect(paths()).toEqual(['/voice', '/ask', '/done']);
    expect(heard(story)).toEqual(['ringing']);
    expect(asked.at(-1)?.form).toMatchObject({ DialCallStatus: 'completed', DialBridged: 'false' });
  });

  test.each([
    ['a hangup', { '/ask': xml('<Hangup/>') }],
    ['no TwiML', { '/ask': { status: 500, body: '' } }],
    ['a hangup after the key', { '/key': xml('<Hangup/>') }],
  ])('does not connect the two after %s', async (_what, changed) => {
    await callWith({ ...pages, ...changed });

    expect(asked.at(-1)?.form).toMatchObject({ DialBridged: 'false' });
  });
});

describe('A Record', () => {
  test('requests its recordingStatusCallback after the call, without the parties', async () => {
    const record = '<Record action="/recorded" recordingStatusCallback="/ready"/>';
    await callWith({ '/voice': xml(record), '/recorded': xml('<Hangup/>') }, { voicemailSeconds: 8 });
    const ready = asked.at(-1);

    expect(asked.map(({ path }) => path)).toEqual(['/voice', '/recorded', '/ready']);
    expect(ready?.method).toBe('POST');
    expect(ready?.form).toMatchObject({
      RecordingStatus: 'completed',
      RecordingDuration: '8',
      CallSid: asked[0]?.form.CallSid,
    });
    expect(ready?.form).not.toHaveProperty('From');
    expect(ready?.form).not.toHaveProperty('To');
  });
});

describe('The carrier', () => {
  test('plays the verbs in order and follows a redirect', async () => {
    const story = await callWith({
      '/voice': xml(
        '<Say>One</Say><Pause length="2"/><Play>https://example.com/a.mp3</Play><Redirect>/next</Redirect><Say>never</Say>',
      ),
      '/next': xml('<Say>Two</Say><Hangup/><Say>never</Say>'),
    });

    expect(heard(story)).toEqual(['"One"', 'plays https://example.com/a.mp3', '"Two"']);
    expect(asked.map(({ path, form }) => [path, form.CallStatus])).toEqual([
      ['/voice', 'ringing'],
      ['/next', 'in-progress'],
    ]);
  });

  test.each([
    ['an error status', { status: 500, body: '' }, 11200],
    ['broken XML', { body: '<Response><Say>x</Response>' }, 12100],
    ['XML that is not TwiML', { body: '<html/>' }, 12100],
    ['JSON', { type: 'application/json', body: '{}' }, 12300],
    ['no answer in time', 'silence', 11203],
    ['an answer without a body', { body: '' }, 11770],
  ] as const)('asks the fallback URL, with the error and its place, after %s', async (_what, answer, code) => {
    const story = await callWith(
      { '/voice': answer, '/fallback': xml('<Say>Fallback</Say>') },
      { fallback: '/fallback' },
    );

    expect(heard(story)).toEqual(['"Fallback"']);
    expect(codes(story)).toEqual([code]);
    expect(asked[1]).toMatchObject({
      method: 'GET',
      path: '/fallback',
      form: { ErrorCode: `${code}`, ErrorUrl: `${base}/voice`, To: '+15550100100' },
    });
  });

  test.each([undefined, '/voice'])('plays the error voice when no fallback works (%s)', async (fallback) => {
    const story = await callWith({ '/voice': { status: 500, body: '' } }, fallback === undefined ? {} : { fallback });

    expect(heard(story)).toEqual([`error voice: "${errorVoice}"`]);
  });

  test('warns about unknown verbs, and skips them', async () => {
    const story = await callWith({ '/voice': xml('<Shout>x</Shout><Say>One</Say>') });

    expect(story.warnings).toMatchObject([{ code: 12200, text: "<Shout> isn't a verb of TwiML" }]);
    expect(heard(story)).toEqual(['"One"']);
  });

  test('fails a dial to what is not a phone number', async () => {
    const story = await callWith({
      '/voice': xml('<Dial action="/done"><Number>911;x</Number></Dial>'),
      '/done': xml('<Hangup/>'),
    });

    expect(codes(story)).toEqual([13223]);
    expect(asked[1]?.form).toMatchObject({ DialCallStatus: 'failed', DialCallDuration: '0', DialBridged: 'false' });
  });

  test('rings for about 5 s longer than the timeout says', async () => {
    const start = clock.now();
    await callWith(
      { '/voice': xml('<Dial timeout="5"><Number>+15550100190</Number></Dial>') },
      { person: 'does not answer' },
    );

    // 5 s of the timeout, and 5 s more.
    expect(Math.round(clock.now() - start)).toBeGreaterThanOrEqual(10);
  });
});

describe('The carrier and a SIP URI', () => {
  const dial = (uri: string) => ({
    '/voice': xml(`<Dial action="/done" referUrl="/refer"><Sip>${uri}</Sip></Dial>`),
    '/done': xml('<Hangup/>'),
    '/refer': xml('<Hangup/>'),
  });

  test.each(['', ';transport=tcp'])('sends its headers decoded once (%s)', async (transport) => {
    const story = await callWith(dial(`sip:100@${trunk.address}${transport}?X-EI=S.a%2525b%3BE.c%3B`));

    expect(invites).toEqual([{ uri: `sip:100@${trunk.address}${transport}`, header: 'S.a%25b;E.c;' }]);
    expect(codes(story)).toEqual([]);
  });

  test('drops the headers of a URI that RFC 3261 forbids, such as one with a bare semicolon (32110)', async () => {
    const story = await callWith(dial(`sip:100@${trunk.address}?X-EI=S.a;`));

    expect(invites).toEqual([{ uri: `sip:100@${trunk.address}`, header: undefined }]);
    expect(codes(story)).toEqual([32110]);
  });

  test.each([
    [32111, 'X_EI=S.a'],
    [32112, 'X-EI=S.a%0D%0AX-Evil%3A1'],
    [32112, 'X-EI=S.%C3%A9'],
    [32113, 'Subject=S.a'],
    [32113, 'X-TwilioFoo=S.a'],
  ])('leaves out the header that Twilio would not pass on, with %i: %s', async (code, header) => {
    const story = await callWith(dial(`sip:100@${trunk.address}?${header}`));

    expect(invites).toEqual([{ uri: `sip:100@${trunk.address}`, header: undefined }]);
    expect(codes(story)).toEqual([code]);
  });

  test('reports a URI of 255 characters and more (13243), and headers of 1,024 and more (21227)', async () => {
    const user = 'a'.repeat(255 - 'sip:@'.length - trunk.address.length);
    const codesOf = async (uri: string) => codes(await callWith(dial(uri)));

    expect(await codesOf(`sip:${user}@${trunk.address}?X-EI=${'a'.repeat(1023 - 'X-EI='.length)}`)).toEqual([13243]);
    expect(await codesOf(`sip:${user.slice(1)}@${trunk.address}?X-EI=${'a'.repeat(1018)}`)).toEqual([]);
    expect(await codesOf(`sip:100@${trunk.address}?X-EI=${'a'.repeat(1019)}`)).toEqual([21227]);
  });

  test('goes on with the referUrl when the other side asks for a transfer', async () => {
    await callWith(dial(`sip:100@${trunk.address}`));

    expect(asked.at(-1)).toMatchObject({
      path: '/refer',
      form: { ReferTransferTarget: '<sip:+15550100191@trunk.invalid>' },
    });
  });

  test('fails at once, without ringing, when the host does not resolve (13254)', async () => {
    const story = await callWith(dial('sip:refused@transfer.invalid'));

    expect(codes(story)).toEqual([13254]);
    expect(heard(story)).toEqual([]);
    expect(asked.at(-1)).toMatchObject({ path: '/done', form: { DialCallStatus: 'failed' } });
  });

  test('refuses the transfer of a Dial without referUrl (13802)', async () => {
    const story = await callWith(
      {
        '/voice': xml(`<Dial action="/done"><Sip>sip:100@${trunk.address}</Sip></Dial>`),
        '/done': xml('<Hangup/>'),
      },
      { agentLeaves: true },
    );

    expect(codes(story)).toEqual([13802]);
    expect(asked.at(-1)).toMatchObject({ path: '/done', form: { DialCallStatus: 'completed', DialBridged: 'true' } });
  });
});

describe('The carrier and a transfer', () => {
  const answers = (refer: string): Answers => ({
    '/voice': xml(
      `<Dial answerOnBridge="true" action="/done" referUrl="/refer"><Sip>sip:100@${trunk.address}</Sip></Dial>`,
    ),
    '/refer': refer === '' ? { status: 500, body: '' } : xml(refer),
    '/transferred': xml('<Say>After</Say><Hangup/>'),
    '/done': xml('<Hangup/>'),
  });
  const rings = '<Dial action="/transferred"><Number>+15550100191</Number></Dial>';
  const paths = (): string[] => asked.map(({ path }) => path);

  // The first mode is what twilio.com/docs/voice/api/refer-to-twilio says of answerOnBridge="true".
  test("ends the agent's leg once the target has answered", async () => {
    const story = await callWith(answers(rings));

    expect(heard(story)).toEqual(['ringing', 'the agent', 'ringing', 'a person', '"After"']);
    expect(paths()).toEqual(['/voice', '/refer', '/transferred']);
    expect(notified).toEqual([200]);
  });

  test.each([
    ['does not answer', rings, ['ringing']],
    ['is not dialled because no document came', '', []],
  ])('brings the caller back to the agent when the target %s', async (_what, refer, sounds) => {
    const story = await callWith(answers(refer), { person: 'does not answer' });

    expect(heard(story)).toEqual(['ringing', 'the agent', ...sounds, 'the agent again']);
    expect(paths()).toEqual(['/voice', '/refer', '/done']);
    expect(notified).toEqual([503]);
    expect(asked.at(-1)?.form).toMatchObject({ DialCallStatus: 'completed', CallStatus: 'in-progress' });
  });

  test("goes on with the target's action when it does not answer and the agent has hung up", async () => {
    const story = await callWith(answers(rings), { person: 'does not answer', agentLeaves: true });

    expect(heard(story)).toEqual(['ringing', 'the agent', 'ringing', '"After"']);
    expect(paths()).toEqual(['/voice', '/refer', '/transferred']);
  });

  test("ends the agent's leg first, in the second mode, and describes that leg", async () => {
    const changes = { person: 'is busy', transferMode: 'the agent leaves' } as const;

    expect(heard(await callWith(answers(rings), changes))).toEqual(['ringing', 'the agent', 'ringing', '"After"']);
    expect(asked[1]?.form).toMatchObject({ CallStatus: 'completed', To: `sip:100@${trunk.address}` });
    expect(asked[2]?.form).toMatchObject({ CallStatus: 'in-progress', To: '+15550100100' });
  });
});

describe('The carrier and a caller id', () => {
  const dial = (callerId: string) => xml(`<Dial${callerId}><Number>+15550100190</Number></Dial>`);

  test.each([
    ['+15550100142', ''],
    ['+15550100142', ' callerId="+15550100142"'],
    ['+15550100142', ' callerId="+15550100100"'],
    ['sip:1001@acme.sip.twilio.com', ' callerId="+15550100100"'],
  ])('of %s is taken: %s', async (caller, callerId) => {
    const story = await callWith({ '/voice': dial(callerId) }, { caller });

    expect([codes(story), heard(story)]).toEqual([[], ['ringing', 'a person']]);
  });

  test.each([
    ['+15550100142', ' callerId="+15550100143"'],
    ['sip:1001@acme.sip.twilio.com', ''],
    ['sip:+15550100142@acme.sip.twilio.com', ' callerId="+15550100142"'],
  ])('of %s is refused (13214): %s', async (caller, callerId) => {
    expect(codes(await callWith({ '/voice': dial(callerId) }, { caller }))).toEqual([13214]);
  });
});
