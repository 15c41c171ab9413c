import { type CommandRun, makeWorkplace, type Workplace } from './command';
import { account, type StandIn, startStandIn } from './twilio-api';

/** Settings that the stand-in's Synthflow accepts. */
export const settings = {
  SYNTHFLOW_API_KEY: 'canary-synthflow-key-90cd',
  SYNTHFLOW_MODEL_ID: 'agent-1',
  SYNTHFLOW_REGION: 'eu',
} as const;

/** A trunk whose name is never resolved (RFC 6761), so that a check needs no network. */
export const nowhere = { SYNTHFLOW_SIP_TERMINATION: 'trunk.invalid:5060' } as const;

/** A login that the stand-in's Twilio accepts, as `.env` holds it. */
export const credentials = { ACCOUNT_SID: account.sid, AUTH_TOKEN: account.token } as const;

/** The same as a pipeline holds it. */
export const shellLogin = {
  ACCOUNT_SID: account.sid,
  TWILIO_API_KEY: account.key,
  TWILIO_API_SECRET: account.secret,
} as const;

/** What no output may hold. */
export const secrets = [settings.SYNTHFLOW_API_KEY, account.token, account.irishToken, account.secret] as const;

/** A line of `check` or `wire`. */
export interface Finding {
  readonly subject: string;
  readonly result: string;
  readonly detail: string;
  readonly fix?: string;
}

/** The lines of a `--json` output. */
export const findingsOf = (stdout: string): readonly Finding[] => JSON.parse(stdout).findings;

/** The first line about this subject. */
export const resultOf = (stdout: string, subject: string): Finding | undefined =>
  findingsOf(stdout).find((finding) => finding.subject === subject);

/** Gives each test of the file its own stand-in, and removes what the test made. */
export function useStandIn() {
  let standIn: StandIn | undefined;
  const workplaces: Workplace[] = [];
  const api = (): StandIn => {
    if (standIn === undefined) throw new Error('the stand-in is there only while a test runs');
    return standIn;
  };
  beforeEach(async () => {
    standIn = await startStandIn();
  });
  afterEach(async () => {
    for (const workplace of workplaces.splice(0)) {
      await workplace.end();
      workplace.remove();
    }
    await api().stop();
  });
  return {
    api,
    /** A workplace with these variables, whose commands may print no secret; on a new machine it's in a new clone. */
    place: (env: Readonly<Record<string, string>>, newMachine: boolean | string = false): Workplace => {
      const workplace = makeWorkplace(env, api().port, newMachine);
      workplaces.push(workplace);
      const withoutSecrets = ({ stdout, stderr, exitStatus }: CommandRun): CommandRun => {
        for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
        return { stdout, stderr, exitStatus };
      };
      return {
        ...workplace,
        run: (...args) => workplace.run(...args).then(withoutSecrets),
        runInTerminal: (...args) => workplace.runInTerminal(...args).then(withoutSecrets),
      };
    },
    /** Makes the stand-in hold a deployment, as Twilio's API would show it. */
    deployed: (): void => {
      Object.assign(api(), {
        service: `ZS${'3'.repeat(32)}`,
        environment: { sid: `ZE${'4'.repeat(32)}`, build: null, suffix: 'dev' },
      });
    },
  };
}
