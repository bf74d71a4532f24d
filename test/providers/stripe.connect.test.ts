/** Connected accounts and restricted keys, the whole way: the engine and the real client against a server that keeps accounts apart. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type Time } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { type Accounts, stripe } from "tidemark/stripe";
import { idleClient, type Json, json, list, missing, SECRET, serve, sign } from "./stripe.kit.ts";

interface Account {
  objects: Map<string, Json>;
  events: Json[];
  /** What the key may not read: the first part of the path. */
  denied: Set<string>;
  /** The account ended the connection. */
  revoked: boolean;
}

const account = (...names: string[]): Account => ({
  objects: new Map(names.map((id) => [id, { object: "customer", id, name: id, created: 5 }])),
  ...{ events: [], denied: new Set(), revoked: false },
});

const refuse = (code?: string) => ({
  error: { type: "invalid_request_error", message: "The provided key does not have access", ...(code && { code }) },
});

/** Stripe with some accounts, `""` the key's own, and an engine over them whose clock can be moved. */
async function world(
  t: { after(run: () => unknown): void },
  accounts: Map<string, Account>,
  options: Partial<Parameters<typeof stripe>[0]> = {},
) {
  let shift = 0;
  const own = { id: "acct_own" };
  const asked: string[] = [];
  const client = await serve(t, ({ pathname, searchParams: query }, response, { headers }) => {
    const scope = headers["stripe-account"] ?? "";
    asked.push(`${scope} ${pathname}`);
    const at = accounts.get(String(scope));
    const [, , kind = "", id] = pathname.split("/");
    if (!at || at.revoked) return json(response, 403, refuse("account_invalid"));
    if (at.denied.has(kind)) return json(response, 403, refuse());
    if (kind === "account") return json(response, 200, { object: "account", ...own });
    if (kind === "events") {
      const since = Number(query.get("created[gte]"));
      return list(response, at.events.filter(({ created }) => Number(created) >= since).reverse());
    }
    if (kind !== "customers") return id === undefined ? list(response, []) : json(response, 404, missing());
    const found = at.objects.get(id ?? "");
    if (id === undefined) list(response, [...at.objects.values()]);
    else if (found) json(response, 200, found);
    else json(response, 404, missing());
  });
  const time: Time = {
    now: () => Date.now() + shift,
    random: Math.random,
    after(ms, run) {
      const timer = setTimeout(run, ms).unref();
      return () => clearTimeout(timer);
    },
  };
  const types = ["customer", "charge"] as const;
  const sync = createSync({
    providers: { stripe: stripe({ client, webhookSecret: SECRET, types, ...options }) },
    store: sqlite(":memory:", { time }),
    time,
  });
  t.after(() => sync.stop());
  const seconds = () => Math.floor(time.now() / 1_000);
  return {
    ...{ sync, asked, own, seconds },
    later: (ms: number) => {
      shift += ms;
    },
    /** Answers the status of a webhook about a customer. */
    async tell(scope: string, id: string, secret = scope === "" ? SECRET : "whsec_connect") {
      const event = { id: `evt_${seconds()}_${id}`, object: "event", type: "customer.updated", created: seconds() };
      const named = { ...event, ...(scope && { account: scope }), data: { object: { object: "customer", id } } };
      const body = JSON.stringify(named);
      const headers = { "stripe-signature": sign(body, secret, seconds()) };
      return (await sync.webhook("stripe", new Request("http://x/", { method: "POST", body, headers }))).status;
    },
    /** What is recorded, as `scope id name`, and each deletion as `scope id gone`, in order. */
    async log() {
      const lines: string[] = [];
      for await (const { scope, id, after } of sync.changes({ follow: false })) {
        lines.push(`${scope} ${id} ${after === null ? "gone" : (after as unknown as Json)["name"]}`);
      }
      return lines;
    },
  };
}

const rename = (at: Account | undefined, id: string, name: string) =>
  void at?.objects.set(id, { ...at.objects.get(id), name, object: "customer", id, created: 5 });

test("connected accounts are scopes: each is swept, polled and told of by itself, new ones as they come", async (t) => {
  const accounts = new Map([
    ["", account("cus_0")],
    ["acct_1", account("cus_1")],
    ["acct_2", account("cus_2")],
  ]);
  const current = ["acct_1", "acct_2"];
  const here = await world(t, accounts, { accounts: () => current, connectSecret: "whsec_connect" });
  await here.sync.drain();
  assert.deepEqual((await here.log()).sort(), [" cus_0 cus_0", "acct_1 cus_1 cus_1", "acct_2 cus_2 cus_2"]);

  rename(accounts.get("acct_1"), "cus_1", "Ann");
  assert.equal(await here.tell("acct_1", "cus_1"), 202);
  here.asked.length = 0;
  await here.sync.drain();
  assert.deepEqual(here.asked, ["acct_1 /v1/customers/cus_1"]);
  assert.equal((await here.log()).at(-1), "acct_1 cus_1 Ann");
  assert.equal(await here.tell("acct_1", "cus_1", SECRET), 401, "the own endpoint's secret");
  assert.equal(await here.tell("", "cus_0", "whsec_connect"), 401, "the Connect endpoint's secret");

  // No webhook came: the account's own feed tells, in whose events Stripe may name the account or not.
  for (const [id, name] of [
    ["cus_2", "Bob"],
    ["cus_3", "Eve"],
  ] as const) {
    rename(accounts.get("acct_2"), id, name);
    const event = { id: `evt_${id}`, type: "customer.updated", created: here.seconds() };
    const named = id === "cus_3" ? { account: "acct_2" } : {};
    accounts.get("acct_2")?.events.push({ ...event, ...named, data: { object: { object: "customer", id } } });
  }
  here.later(4_500_000);
  await here.sync.drain();
  assert.deepEqual((await here.log()).slice(-2).sort(), ["acct_2 cus_2 Bob", "acct_2 cus_3 Eve"]);

  accounts.set("acct_3", account("cus_4"));
  current.push("acct_3");
  here.later(11_000);
  assert.equal(await here.tell("acct_3", "cus_4"), 202);
  await here.sync.drain();
  assert.equal((await here.log()).at(-1), "acct_3 cus_4 cus_4");
});

test("an account that ends the connection is lost, not emptied; it leaves, and the others go on", async (t) => {
  const accounts = new Map([
    ["acct_1", account("cus_1", "cus_2")],
    ["acct_2", account("cus_3")],
  ]);
  const current = ["acct_1", "acct_2"];
  const options = { accounts: () => current, connectSecret: "whsec_connect", platform: false };
  const here = await world(t, accounts, options);
  await here.sync.drain();
  assert.equal((await here.log()).length, 3);
  assert.ok(
    here.asked.every((path) => path.startsWith("acct_")),
    "the own account is left out",
  );

  const lost = accounts.get("acct_1");
  assert.ok(lost);
  lost.revoked = true;
  await here.tell("acct_1", "cus_1");
  await here.sync.drain();
  const { alarms } = await here.sync.health();
  assert.match(alarms.join("\n"), /acct_1: 1 cannot be read, last: AccessLost: Stripe gives this key no access/);
  rename(accounts.get("acct_2"), "cus_3", "Kim");
  await here.tell("acct_2", "cus_3");
  await here.sync.drain();
  assert.equal((await here.log()).at(-1), "acct_2 cus_3 Kim");

  current.shift();
  here.later(90_000_000);
  await here.sync.drain();
  here.asked.length = 0;
  here.later(90_000_000);
  await here.sync.drain();
  assert.ok(here.asked.length > 0 && here.asked.every((path) => path.startsWith("acct_2 ")), "it is asked no more");
  assert.equal((await here.log()).length, 4, "nothing was deleted");
});

test("a restricted key: what it may not read is an alarm, what it may goes on, and nothing is deleted", async (t) => {
  const own = account("cus_1");
  const here = await world(t, new Map([["", own]]));
  await here.sync.drain();
  own.denied = new Set(["charges", "events"]);
  rename(own, "cus_1", "Ann");
  here.later(90_000_000);
  await here.sync.drain();
  assert.deepEqual(await here.log(), [" cus_1 cus_1", " cus_1 Ann"]);
  const alarms = (await here.sync.health()).alarms.join("\n");
  assert.match(alarms, /the poll of events.*AccessLost: Stripe answers 403/);
  assert.match(alarms, /the sweep of stripe.charge.*AccessLost: Stripe answers 403/);
  assert.doesNotMatch(alarms, /stripe.customer/);

  // With the type itself lost, a customer who is not there any more is not believed gone.
  own.denied = new Set(["customers"]);
  own.objects.clear();
  await here.tell("", "cus_1");
  here.later(90_000_000);
  await here.sync.drain();
  assert.equal((await here.log()).length, 2);
  own.denied.clear();
  here.later(90_000_000);
  await here.sync.drain();
  assert.equal((await here.log()).at(-1), " cus_1 gone");
});

test("a key of another account empties nothing where the account was named", async (t) => {
  const own = account("cus_1", "cus_2");
  const accounts = new Map([["", own]]);
  const here = await world(t, accounts, { account: "acct_own" });
  await here.sync.drain();
  accounts.set("", account("cus_9"));
  here.own.id = "acct_other";
  here.later(90_000_000);
  await here.sync.drain();
  assert.deepEqual(
    (await here.log()).filter((line) => line.endsWith("gone")),
    [],
  );
  here.own.id = "acct_own";
  accounts.set("", own);
  own.objects.delete("cus_2");
  here.later(90_000_000);
  await here.sync.drain();
  assert.ok((await here.log()).includes(" cus_2 gone"), "the right key is believed");
});

test("accounts may be a list, or come from a function in any of its forms, thousands one after another", async () => {
  const scopesOf = async (accounts: Accounts, platform?: boolean) => {
    const options = {
      client: idleClient,
      webhookSecret: SECRET,
      accounts,
      ...(platform !== undefined && { platform }),
    };
    const scopes: string[] = [];
    for await (const scope of (await stripe(options).scopes?.()) ?? []) scopes.push(scope);
    return scopes;
  };
  const both = ["acct_1", "acct_2"];
  for (const accounts of [both, () => both, async () => new Set(both)]) {
    assert.deepEqual(await scopesOf(accounts), ["", ...both]);
    assert.deepEqual(await scopesOf(accounts, false), both);
  }
  async function* many() {
    for (let i = 0; i < 5_000; i++) yield `acct_${i}`;
  }
  assert.equal((await scopesOf(many)).length, 5_001);
  assert.deepEqual(await scopesOf([]), [""]);
  for (const wrong of ["", "acct_", "cus_1", "acct_1/x", 5, null]) {
    await assert.rejects(() => scopesOf(() => [wrong as never]), /"acct_…"/);
    assert.throws(() => stripe({ client: idleClient, webhookSecret: SECRET, accounts: [wrong as never] }), /"acct_…"/);
  }
  assert.equal(stripe({ client: idleClient, webhookSecret: SECRET }).scopes, undefined);
});

test("options of connected accounts without accounts, and others that are wrong, fail at once", () => {
  const common = { client: idleClient, webhookSecret: SECRET };
  const wrong: [object, RegExp][] = [
    [{ connectSecret: "whsec_c" }, /give their ids as accounts/],
    [{ platform: true }, /give their ids as accounts/],
    [{ accounts: "acct_1" }, /"acct_…"/],
    [{ account: "cus_1" }, /stripe\(\{ account \}\)/],
    [{ pollEvery: 0 }, /stripe\(\{ pollEvery \}\)/],
    [{ pollEvery: Number.NaN }, /stripe\(\{ pollEvery \}\)/],
    [{ types: ["subscription_item"] }, /"subscription_item" is listed within "subscription": add that/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => stripe({ ...common, ...options }), { name: "TypeError", message });
  }
});
