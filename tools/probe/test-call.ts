import { groupCalls } from '../calls/history';
import { type Records, readRecords } from '../calls/records';
import { maskNumbers } from '../text';
import { describeTwilioError } from '../twilio/account';
import { listLogLines } from '../twilio/deployment';
import { type Leg, legOf } from '../twilio/recorded-leg';
import { explained, type Service } from '../twilio/service';
import { pointsAt, type TwilioNumber, targetOf } from '../twilio/wiring';

/** Two numbers of the account, in E.164. */
export interface Parties {
  readonly from: string;
  /** A wired one. */
  readonly to: string;
}

/** A call between them. */
export interface TestCall extends Parties {
  /** How long to hold the line once it was answered. */
  readonly seconds: number;
}

/** Seconds for which the number may ring. */
const ringSeconds = 60;

/** Milliseconds between two looks at a call. */
const lookMs = 2000;

/** Finds who calls: `from`, else a number that isn't wired. Throws unless both are the account's and `to` is wired. */
export async function findParties(
  { client, domains }: Service,
  to: string,
  from: string | undefined,
): Promise<Parties> {
  const [numbers, apps] = await explained(
    Promise.all([client.incomingPhoneNumbers.list({ pageSize: 1000 }), client.applications.list({ pageSize: 1000 })]),
  );
  const isWired = (number: TwilioNumber): boolean => pointsAt(targetOf(number, apps), domains);
  const wired = numbers.filter(isWired).map(({ phoneNumber }) => phoneNumber);
  if (!wired.includes(to)) {
    const known = wired.length > 0 ? wired.join(', ') : 'none: npm run wire';
    throw new Error(`expected a number that is wired to ${domains.join(' or ')} (${known}); found "${to}"`);
  }
  const others = numbers.map(({ phoneNumber }) => phoneNumber).filter((number) => number !== to);
  if (from !== undefined && !others.includes(from)) {
    throw new Error(`--from: expected another number of this account; found "${from}"`);
  }
  const [free] = numbers.filter((number) => !isWired(number) && number.capabilities?.voice !== false);
  const caller = from ?? free?.phoneNumber;
  if (caller !== undefined) return { from: caller, to };
  throw new Error('--from: expected a number of this account to call from, since no other one can call and is free');
}

/**
 * Places the call, and follows it to its end. It ends whatever happens: Twilio's own limit ends it, and so does
 * whatever ends this command. `undefined` if Twilio doesn't say that it has ended.
 */
export async function placeTestCall(service: Service, call: TestCall): Promise<Leg | undefined> {
  const {
    client,
    shell: { clock, stderr, atEnd },
  } = service;
  const { from, to, seconds } = call;
  const placing = client.calls.create({
    from,
    to,
    timeout: ringSeconds,
    timeLimit: seconds + 5,
    twiml: `<Response><Pause length="${seconds}"/><Hangup/></Response>`,
  });
  let isOver = false;
  atEnd(async () => {
    if (isOver) return;
    try {
      // A call that is still being placed has to be waited for: nobody else knows its id.
      const placed = await placing.catch((error: unknown) => {
        if (isRefusal(error)) return undefined;
        throw error;
      });
      if (placed === undefined) return;
      stderr.write('Hanging up …\n');
      await client.calls(placed.sid).update({ status: 'completed' });
    } catch (error) {
      // Another call between the same numbers may be somebody else's probe, so none is looked for.
      const limit = `Twilio ends it ${seconds + 5} s after the answer`;
      throw new Error(`The call could not be hung up: ${describeTwilioError(error)}. If it was placed, ${limit}.`);
    }
  });
  const { sid } = await explained(placing);
  const deadline = clock.now() + (ringSeconds + seconds + 15) * 1000;
  for (;;) {
    // A look that fails says nothing about the call.
    const leg = await client
      .calls(sid)
      .fetch()
      .then((found) => legOf(found, maskNumbers))
      .catch(() => undefined);
    isOver = leg?.end !== undefined;
    if (leg !== undefined && isOver) return leg;
    if (clock.now() > deadline) return undefined;
    await clock.pause(lookMs);
  }
}

/** Whether Twilio answered that it placed no call. */
const isRefusal = (error: unknown): boolean => typeof error === 'object' && error !== null && 'status' in error;

/**
 * Waits until the records of a test call are whole, or for this many milliseconds, since each platform takes its time.
 * Throws when they could not be read to the end.
 */
export async function readTestCall(
  service: Service,
  { from, to }: TestCall,
  placed: Leg,
  settleMs: number,
): Promise<Records | undefined> {
  const { client, deployment } = service;
  const { clock } = service.shell;
  const deadline = clock.now() + settleMs;
  // Twilio's times are whole seconds, and two clocks may differ.
  const since = new Date(placed.start.getTime() - 1000);
  const logSince = new Date(placed.start.getTime() - 10_000);
  const read = async (): Promise<Records | undefined> => {
    const found = await explained(client.calls.list({ from, to, startTimeAfter: since, pageSize: 1000 }));
    const inbound = found.filter(({ direction, dateCreated }) => direction === 'inbound' && dateCreated >= since);
    // Somebody else may probe the line, too: our call came in first.
    const [own] = inbound.sort((a, b) => a.dateCreated.getTime() - b.dateCreated.getTime());
    if (own === undefined) return undefined;
    const lines = await explained(listLogLines(client, deployment, logSince));
    const ownLines = lines.filter(({ line: { callSid } }) => callSid === own.sid);
    return readRecords(service, own.sid, ownLines, maskNumbers);
  };
  for (;;) {
    const records = await read().catch((error: Error) => error);
    const isLate = clock.now() > deadline;
    // What fails now may work in a moment.
    if (isLate && records instanceof Error) throw records;
    if (!(records instanceof Error) && (isLate || (records !== undefined && isWhole(records)))) return records;
    await clock.pause(lookMs);
  }
}

/** Whether nothing is to come but Twilio's webhooks, which take 15 minutes. */
function isWhole({ call, lines, synthflow }: Records): boolean {
  const hasEnded = call?.end !== undefined && lines.some(({ line }) => line.event === 'dial-result');
  const [history] = groupCalls(lines);
  return hasEnded && (history?.reached !== 'agent' || synthflow.some(({ hasTranscript }) => hasTranscript));
}
