/**
 * A week of two services, in a second: what webhooks lost, what fails, what is parked. What the pictures show and most views
 * are tried on.
 */
import { createSync, type Hint, TargetGone } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { createRandom } from "tidemark/testing";
import { systemTime } from "../../src/time.ts";
import { createService, webhookOf } from "./service.ts";

const HOUR = 3_600_000;
const HOURS = 7 * 24;
const REPOS = ["acme/app", "acme/docs", "acme/site"];

export type Scene = Awaited<ReturnType<typeof createScene>>;

/** The engine runs on when it resolves. */
export async function createScene({ trouble = true }: { trouble?: boolean } = {}) {
  const random = createRandom(11);
  let offset = -HOURS * HOUR;
  const time = { ...systemTime, now: () => Date.now() + offset };
  const stripe = createService({ types: ["customer", "invoice", "subscription"], events: "evt_1Pz" });
  const github = createService({ types: ["issue", "pull_request"], scopes: REPOS, events: "evt_gh" });
  const services = { stripe, github };
  const sync = createSync({
    providers: { stripe: stripe.provider, github: github.provider },
    store: sqlite(":memory:", { time }),
    time,
    sweepEvery: 24 * HOUR,
  });
  if (trouble) subscribe(sync);
  else sync.subscribe("billing", () => {});

  const pick = <T>(all: readonly T[]): T => all[Math.floor(random.next() * all.length)] as T;
  /** Something happens; most of it is told by a webhook. */
  const happen = async (lost: number) => {
    const key = random.next() < 0.6 ? "stripe" : "github";
    const hint = key === "stripe" ? pay(stripe, pick, time.now()) : work(github, pick, time.now());
    const draw = random.next();
    const isLost = draw < (key === "github" ? lost : 0.004);
    if (isLost) return;
    if (draw > 0.97) late.push([key, hint]);
    else await sync.webhook(key, webhookOf([hint]));
  };
  let late: ["stripe" | "github", Hint][] = [];
  for (let hour = 0; hour < HOURS; hour++) {
    const outage = hour > 88 && hour < 97;
    const events = 2 + Math.round(3 * (1 + Math.sin((hour / 24) * 2 * Math.PI)));
    for (let n = 0; n < events; n++) await happen(outage ? 0.9 : 0.02);
    await sync.drain();
    offset += HOUR / 2;
    await sync.drain();
    for (const [key, hint] of late) await sync.webhook(key, webhookOf([hint]));
    late = [];
    offset += HOUR / 2;
  }
  offset = 0;
  await sync.drain();
  if (trouble) await fail(sync, services);
  await sync.start();
  return { sync, ...services };
}

type Pick = <T>(all: readonly T[]) => T;
type Service = ReturnType<typeof createService>;
const NAMES = ["Ada Byron", "Grace Hopper", "Radia Perlman", "Barbara Liskov", "Ken Thompson"];
const TITLES = ["Cart loses its items", "Login is slow", "Export shows nothing", "Search is off by one", "Add a test"];

function pay(stripe: Service, pick: Pick, at: number): Hint {
  const n = pick([...Array(24).keys()]);
  const type = pick(["customer", "invoice", "invoice", "subscription"]);
  if (type === "customer") {
    const name = pick(NAMES);
    return stripe.put(type, `cus_Q${n}x7`, { name, email: `${name.split(" ")[0]?.toLowerCase()}@example.com` }, { at });
  }
  if (type === "subscription")
    return stripe.put(
      type,
      `sub_1Px${n}`,
      { status: pick(["active", "past_due", "canceled"]), customer: `cus_Q${n}x7` },
      { at },
    );
  const due = pick([1_900, 4_900, 12_000]);
  const status = pick(["draft", "open", "paid"]);
  const lines = [{ price: pick(["price_basic", "price_team"]), amount: due, quantity: 1 }];
  return stripe.put(
    type,
    `in_1Pz${n}K`,
    { status, amount_due: due, amount_paid: status === "paid" ? due : 0, lines },
    { at },
  );
}

function work(github: Service, pick: Pick, at: number): Hint {
  const scope = pick(REPOS);
  const type = pick(["issue", "issue", "pull_request"]);
  const fields = { title: pick(TITLES), state: pick(["open", "closed"]), labels: [{ name: pick(["bug", "idea"]) }] };
  return github.put(type, String(pick([...Array(20).keys()]) + 1), fields, { scope, at });
}

type Subscribing = Pick2<"subscribe">;
type Pick2<K extends "subscribe"> = { [key in K]: ReturnType<typeof createSync>[key] };

function subscribe(sync: Subscribing): void {
  sync.subscribe("billing", { types: ["stripe.invoice", "stripe.subscription"] as never }, ({ id }) => {
    if (/^in_1Pz(7|13)K$/.test(id)) throw new Error(`no account for the customer of ${id}`);
  });
  sync.subscribe("search-index", () => {});
  sync.subscribe("crm", { types: ["stripe.customer"] as never }, () => {
    throw new TargetGone("POST https://crm.example/hooks was answered 410: the endpoint is gone");
  });
}

/** Two issues that cannot be read, and one that waits. */
async function fail(
  sync: { hint(type: never, id: string, options: object): Promise<void>; drain(): Promise<unknown> },
  { github }: { github: Service },
) {
  github.before = (call) => {
    if (/^fetch issue acme\/app\/(3|5)$/.test(call)) throw new Error("GET /repos/acme/app/issues was answered 502");
  };
  for (const id of ["3", "5"]) await sync.hint("github.issue" as never, id, { scope: "acme/app" });
  await sync.drain();
}
