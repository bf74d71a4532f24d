/**
 * A GitHub webhook: is it GitHub's, and where does it say to look?
 * @module
 */
import { type Cause, type Hint, WebhookRejected, type WebhookRequest } from "tidemark";
import { verifyHmac } from "tidemark/verify";
import { z } from "zod";
import { definitions, type Fields, type GitHubType, versionOf } from "./types.ts";

/**
 * Checks `X-Hub-Signature-256: sha256=<hex>`: HMAC-SHA256 of the raw body. There is no time in it: a replay is harmless,
 * because nothing in a body is believed but where to look.
 * @throws WebhookRejected if it holds under none of the secrets
 */
export function verifySignature({ headers, body }: WebhookRequest, secrets: readonly string[]): void {
  const header = headers.get("x-hub-signature-256") ?? "";
  if (!header.startsWith("sha256=") || !verifyHmac(secrets, [body], header.slice("sha256=".length))) {
    throw new WebhookRejected("X-Hub-Signature-256 is missing, or holds under none of the secrets");
  }
}

/** Of a payload only what says where to look. */
const thing = z.looseObject({}).nullish();
const payload = z.looseObject({
  action: z.string().optional(),
  repository: z.looseObject({ id: z.union([z.number(), z.bigint()]), full_name: z.string() }).nullish(),
  changes: z
    .looseObject({
      name: z.looseObject({ from: z.string() }).nullish(),
      new_issue: thing,
      new_repository: z.looseObject({ full_name: z.string() }).nullish(),
    })
    .nullish(),
  ref: z.string().nullish(),
  ref_type: z.string().nullish(),
  ...{ issue: thing, comment: thing, pull_request: thing, label: thing, milestone: thing, release: thing },
});
type Payload = z.infer<typeof payload>;

/** A type, its id, and, unless it was deleted, the version that the payload shows. */
interface Look {
  type: GitHubType;
  id: string;
  version?: number;
  scope?: string;
}

function look(type: GitHubType, object: Fields | null | undefined, given: Payload): Look[] {
  const { action } = given;
  const definition = definitions[type];
  const id = object?.[definition.key];
  if (object === null || object === undefined || (typeof id !== "number" && typeof id !== "string")) return [];
  // What is no longer there has no version to wait for.
  const left =
    action === "deleted" || (action === "transferred" && object["repository_url"] === given.issue?.["repository_url"]);
  const version = left ? undefined : versionOf(definition, object);
  return [{ type, id: String(id), ...(version !== undefined && { version }) }];
}

/** Counters and times of these change with what happens to others; the payload does not show which version they are. */
const unversioned = (looks: Look[]): Look[] => looks.map(({ type, id }) => ({ type, id }));

const ofIssue = (given: Payload): Look[] =>
  look(given.issue?.["pull_request"] ? "pull_request" : "issue", given.issue, given);
const ofPullRequest = (given: Payload): Look[] => look("pull_request", given.pull_request, given);
const ofMilestone = (given: Payload): Look[] =>
  look("milestone", given.milestone ?? (given.issue?.["milestone"] as Fields | null), given);
const ofRepository = (given: Payload): Look[] => unversioned(look("repository", given.repository, given));
const ofBranch = (ref: string | null | undefined): Look[] => (ref ? [{ type: "branch", id: ref }] : []);

/** Where each event says to look (docs.github.com/webhooks/webhook-events-and-payloads). An event that is not here is of no use. */
const events: Readonly<Record<string, (given: Payload) => Look[]>> = {
  issues: (given) => [...ofIssue(given), ...unversioned(ofMilestone(given)), ...transferred(given)],
  sub_issues: ofIssue,
  issue_dependencies: ofIssue,
  // A pull request's comment raises the version of the issue that it also is.
  issue_comment: (given) => [...look("issue_comment", given.comment, given), ...unversioned(ofIssue(given))],
  pull_request: ofPullRequest,
  pull_request_review: (given) => unversioned(ofPullRequest(given)),
  pull_request_review_comment: (given) => unversioned(ofPullRequest(given)),
  pull_request_review_thread: (given) => unversioned(ofPullRequest(given)),
  label: (given) => [...look("label", given.label, given), ...renamed(given)],
  milestone: ofMilestone,
  release: (given) => look("release", given.release, given),
  repository: ofRepository,
  public: ofRepository,
  star: ofRepository,
  fork: ofRepository,
  push: (given) => [
    ...ofBranch(given.ref?.startsWith("refs/heads/") ? given.ref.slice("refs/heads/".length) : null),
    ...ofRepository(given),
  ],
  create: (given) => ofBranch(given.ref_type === "branch" ? given.ref : null),
  delete: (given) => ofBranch(given.ref_type === "branch" ? given.ref : null),
};

const renamed = ({ changes }: Payload): Look[] => (changes?.name ? [{ type: "label", id: changes.name.from }] : []);

function transferred(given: Payload): Look[] {
  const scope = given.changes?.new_repository?.full_name;
  return scope === undefined ? [] : look("issue", given.changes?.new_issue, given).map((one) => ({ ...one, scope }));
}

/**
 * Where a verified delivery says to look.
 *
 * @param spelled a repository's name as the application writes it: GitHub ignores its case
 * @throws ZodError or SyntaxError if it is no payload; WebhookRejected if it is of another repository than the request
 */
export function hintsOf<T extends GitHubType>(
  { headers, body, scope: asked }: WebhookRequest,
  types: ReadonlySet<T>,
  spelled: (name: string) => string,
): Hint<T>[] {
  const given = payload.parse(JSON.parse(Buffer.from(body).toString()));
  const event = headers.get("x-github-event") ?? "";
  const home = given.repository?.full_name;
  if (asked !== undefined && home !== undefined && home.toLowerCase() !== asked.toLowerCase()) {
    throw new WebhookRejected("the delivery is of another repository");
  }
  if (home === undefined || !Object.hasOwn(events, event)) return [];
  const cause = causeOf(headers.get("x-github-delivery"), event, given.action);
  const isOurs = (one: Look): one is Look & { type: T } => (types as ReadonlySet<string>).has(one.type);
  const looks = events[event]?.(given) ?? [];
  return looks
    .filter(isOurs)
    .map(({ scope = asked ?? home, ...rest }) => ({ ...rest, scope: spelled(scope), ...(cause && { event: cause }) }));
}

/** A delivery's GUID is the same for its repeats. What is no GUID may be a counter that starts anew: no key to repeats. */
function causeOf(delivery: string | null, event: string, action: string | undefined): Cause | undefined {
  if (delivery === null || !/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(delivery)) return undefined;
  return { id: delivery, name: action === undefined ? event : `${event}.${action}` };
}
