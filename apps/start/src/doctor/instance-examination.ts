import * as v from 'valibot';
import { StartError } from '../errors.ts';
import { quietReason } from '../notify/wording.ts';
import { redactEmail } from './redact.ts';
import { type Examination, type Finding, failed, ok, skipped, warning } from './report.ts';
import { timed } from './timed.ts';

/** Asks the running Telex Start; throws `StartError`, `not_running` where there is none. */
export type AskInstance = (request: { readonly command: 'status' | 'test' }) => Promise<unknown>;

const statusReply = v.looseObject({
  state: v.string(),
  sentence: v.string(),
  pid: v.number(),
  user: v.optional(v.looseObject({ email: v.optional(v.string()) })),
  organisations: v.array(
    v.looseObject({ name: v.string(), state: v.string(), sentence: v.optional(v.string()) }),
  ),
  quiet: v.array(v.string()),
});
type Status = v.InferOutput<typeof statusReply>;
const testReply = v.looseObject({
  arrived: v.boolean(),
  hops: v.array(v.looseObject({ hop: v.string(), ms: v.number() })),
  broken: v.optional(v.string()),
  sentence: v.optional(v.string()),
});

const STATUS_LIMIT_MS = 6_000;
const TEST_LIMIT_MS = 30_000;

/** The running Telex Start: login, push connection, each organisation, and a test notification all the way. */
export function examineInstance(ask: AskInstance): Examination {
  return async (tell) => {
    let status: Status | undefined;
    tell(
      await timed('Telex Start', STATUS_LIMIT_MS, async () => {
        const answer = await askStatus(ask);
        if (answer.status === undefined) return answer.finding;
        status = answer.status;
        return ok(`It runs as process ${status.pid}.`);
      }),
    );
    if (status === undefined) return;
    tell({ check: 'login', ...loginFinding(status), ms: 0 });
    if (status.user === undefined) return;
    tell({ check: 'push', ...pushFinding(status), ms: 0 });
    for (const organisation of status.organisations) {
      tell({ check: 'organisation', ...organisationFinding(organisation), ms: 0 });
    }
    if (status.quiet.length > 0) tell({ check: 'quiet', ...quietFinding(status.quiet), ms: 0 });
    if (status.state !== 'live') return;
    tell(await timed('test', TEST_LIMIT_MS, () => sendTest(ask)));
  };
}

type StatusAnswer =
  | { readonly status: Status }
  | { readonly status: undefined; readonly finding: Finding };

async function askStatus(ask: AskInstance): Promise<StatusAnswer> {
  const none = (finding: Finding) => ({ status: undefined, finding });
  try {
    const parsed = v.safeParse(statusReply, await ask({ command: 'status' }));
    return parsed.success
      ? { status: parsed.output }
      : none(failed('It is of another version than this command. End it and start it again.'));
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return none(
      error.code === 'not_running'
        ? skipped('It does not run, so its login and its connection are not looked at.')
        : failed(error.message),
    );
  }
}

function loginFinding({ user, sentence }: Status): Finding {
  if (user === undefined) return failed(`${sentence} Sign in with: telex-start login`);
  return ok(`Signed in as ${user.email === undefined ? 'a user' : redactEmail(user.email)}.`);
}

function pushFinding({ state, sentence }: Status): Finding {
  return state === 'live' ? ok('The push connection is up.') : failed(sentence);
}

function organisationFinding({ name, state, sentence }: Status['organisations'][number]): Finding {
  if (state === 'live') return ok(`${name}: its notifications arrive.`);
  return state === 'failed'
    ? failed(`${name}: ${sentence ?? 'its notifications do not arrive.'}`)
    : warning(`${name}: not connected yet.`);
}

function quietFinding(quiet: Status['quiet']): Finding {
  return warning(
    `Notifications are held back and counted just now: ${quiet.map(quietReason).join(', ')}.`,
  );
}

async function sendTest(ask: AskInstance): Promise<Finding> {
  const { arrived, hops, broken, sentence } = v.parse(testReply, await ask({ command: 'test' }));
  if (!arrived) return failed(`A test notification was lost before it was ${broken}: ${sentence}`);
  const way = hops.map(({ hop, ms }) => `${hop} ${ms.toFixed(0)}`).join(', ');
  return ok(`A test notification was shown (ms: ${way}).`);
}
