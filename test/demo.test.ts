/** The parts of the demo that decide something. The whole of it is run by `npm run demo -- --once`. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { suite, test } from "node:test";
import type { Change } from "tidemark";
import { pageOf } from "../demo/comments.ts";
import { differences, Fold, keyOf } from "../demo/fold.ts";
import { aboutOf, DOUBLED, fateOf, LATE, LOST, startNetwork } from "../demo/network.ts";
import { optionsOf } from "../demo/options.ts";
import { oneOf, seeded, weighted } from "../demo/random.ts";
import { isRight, rowsOf, summaryOf } from "../demo/summary.ts";
import { happenedAt, median, Tally } from "../demo/tally.ts";
import { fit, foundBy, signOf, whatOf } from "../demo/tell.ts";

const change = (some: Partial<Change<string, object>>): Change<string, object> => ({
  ...{ cursor: "a.1.1", type: "stripe.customer", scope: "", id: "cus_1", before: null, after: null },
  ...{ at: new Date(0), via: "webhook", initial: false, causes: [] },
  ...some,
});

suite("randomness", () => {
  const draw = (seed: number, use: string) => Array.from({ length: 5 }, seeded(seed, use));

  test("a seed gives one course for each use, another seed another", () => {
    assert.deepEqual(draw(1, "network"), draw(1, "network"));
    assert.notDeepEqual(draw(1, "network"), draw(2, "network"));
    assert.notDeepEqual(draw(1, "network"), draw(1, "operations"));
  });

  test("numbers are spread evenly from 0 to 1", () => {
    const random = seeded(7, "test");
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 10_000; i++) {
      const tenth = Math.floor(random() * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    assert.equal(tenths.length, 10);
    for (const count of tenths) assert.ok(count > 850 && count < 1_150, `${count} of 10,000 in a tenth`);
  });

  test("what is drawn by weight comes as often as it weighs, and nothing from nothing", () => {
    const random = seeded(7, "test");
    const counts = { often: 0, seldom: 0, never: 0 };
    for (let i = 0; i < 1_000; i++) counts[weighted(random, { often: 9, seldom: 1, never: 0 })]++;
    assert.ok(counts.often > 850 && counts.seldom > 50, JSON.stringify(counts));
    assert.equal(counts.never, 0);
    assert.equal(oneOf(random, []), undefined);
    assert.equal(
      oneOf(() => 0.99, [1, 2]),
      2,
    );
  });
});

suite("the network", () => {
  test("loses, doubles and delays as much as it says", () => {
    const random = seeded(1, "network");
    const fates = Array.from({ length: 10_000 }, () => fateOf(random));
    const share = (copies: number) => fates.filter(({ length }) => length === copies).length / fates.length;
    assert.ok(Math.abs(share(0) - LOST) < 0.02);
    assert.ok(Math.abs(share(2) - DOUBLED) < 0.02);
    assert.ok(fates.flat().every((ms) => ms >= 0 && ms < LATE));
    assert.ok(new Set(fates.flat()).size > 1_000, "delays differ, so that webhooks overtake each other");
  });

  test("brings the very bytes and headers, or none, or two, and counts those that meet nobody", async () => {
    const met: [string | undefined, string | undefined, string][] = [];
    const target = createServer(async (request, response) => {
      const body = (await buffer(request)).toString("hex");
      met.push([request.url, request.headers["x-hub-signature-256"]?.toString(), body]);
      response.end();
    }).listen(0, "127.0.0.1");
    await once(target, "listening");
    const here = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;
    // What decides the fate of each, then the delay of each copy.
    const drawn = [0, LOST, 0, 0, 0.99, 0, 0.99, 0];
    const lost: string[] = [];
    const network = await startNetwork(
      () => drawn.shift() ?? 0,
      (...what) => lost.push(what.join(" ")),
    );
    const body = Buffer.from('{ "action": "closed",\t"title": "\u00e4" }');
    const headers = {
      "x-github-event": "issues",
      "x-hub-signature-256": "sha256=00",
      "content-type": "application/json",
    };
    const send = async () => {
      const response = await fetch(network.urlOf("github"), { method: "POST", headers, body });
      assert.equal(response.status, 200);
    };
    /** Timers and requests of this process end in their own time; each look lets them. */
    const quiet = async () => {
      while (network.underWay > 0) await new Promise(setImmediate);
    };
    try {
      await send();
      assert.deepEqual(network.counts, { sent: 0, lost: 0, doubled: 0, unmet: 0 }, "nobody has asked for webhooks");
      network.target = here;
      for (let i = 0; i < 3; i++) await send();
      await quiet();
      target.closeAllConnections();
      await new Promise((resolve) => target.close(resolve));
      await send();
      await quiet();
      assert.deepEqual(network.counts, { sent: 4, lost: 1, doubled: 1, unmet: 1 });
      assert.deepEqual(lost, ["github issues.closed"]);
      const copy = ["/github", "sha256=00", body.toString("hex")];
      assert.deepEqual(met, [copy, copy, copy]);
    } finally {
      await network.close();
      target.close();
    }
  });

  test("a webhook is told by its event", () => {
    const body = (payload: object) => Buffer.from(JSON.stringify(payload));
    assert.equal(aboutOf(new Headers({ "x-github-event": "issues" }), body({ action: "opened" })), "issues.opened");
    assert.equal(aboutOf(new Headers({ "x-github-event": "push" }), body({})), "push");
    assert.equal(aboutOf(new Headers(), body({ type: "customer.created" })), "customer.created");
  });
});

suite("the fold", () => {
  test("holds the last state of what is not gone, and the last cursor", () => {
    const fold = new Fold();
    fold.add(change({ after: { n: 1 } }));
    fold.add(change({ id: "cus_2", after: { n: 1 } }));
    fold.add(change({ before: { n: 1 }, after: { n: 2 } }));
    fold.add(change({ id: "cus_2", before: { n: 1 }, cursor: "a.4.4" }));
    assert.deepEqual([...fold.states], [["stripe.customer cus_1", { n: 2 }]]);
    assert.deepEqual([fold.cursor, fold.misfits], ["a.4.4", 0]);
  });

  test("notices a change that is missing, doubled or out of order", () => {
    const told = [change({ after: { n: 1 } }), change({ before: { n: 1 }, after: { n: 2 } })];
    for (const wrong of [[0, 0, 1], [1], [0, 1, 1]]) {
      const fold = new Fold();
      for (const index of wrong) fold.add(told[index] ?? assert.fail());
      assert.equal(fold.misfits, 1, wrong.join());
    }
  });

  test("differences: missing, surplus and other fields, but for those that say nothing", () => {
    const told = new Map([
      ["a.x 1", { n: 1, t: 1 }],
      ["a.x 2", { n: 1 }],
      ["a.x 4", { n: 1 }],
    ]);
    const truth = new Map([
      ["a.x 1", { n: 1, t: 2 }],
      ["a.x 3", { n: 1 }],
      ["a.x 4", { n: 2 }],
    ]);
    assert.deepEqual(differences(told, truth, { "a.x": ["t"] }), ["a.x 2", "a.x 4", "a.x 3"]);
    assert.deepEqual(differences(told, truth), ["a.x 1", "a.x 2", "a.x 4", "a.x 3"]);
    assert.deepEqual(differences(told, told), []);
  });

  test("a key names type, scope and id", () => {
    assert.equal(keyOf({ type: "github.issue", scope: "acme/shop", id: "1" }), "github.issue acme/shop 1");
  });
});

suite("a change in one line", () => {
  test("created, deleted and changed, and what found it", () => {
    const [before, after] = [{ title: "A" }, { title: "B" }];
    assert.deepEqual(
      [{ after }, { before }, { before, after }].map((some) => signOf(change(some))),
      ["+", "-", "~"],
    );
    assert.equal(foundBy(change({ initial: true, via: "sweep" })), "first look");
    assert.equal(foundBy(change({ via: "sweep" })), "sweep");
  });

  test("what it is, or what is different about it", () => {
    const say = (before: object | null, after: object | null) => whatOf(change({ before, after }));
    assert.equal(say(null, { id: 1, title: "The cart is slow" }), "The cart is slow");
    assert.equal(say({ name: "Ada" }, null), "Ada");
    assert.equal(say({ state: "open", updated_at: 1 }, { state: "closed", updated_at: 2 }), "state open → closed");
    assert.equal(say({ title: "A" }, { title: "A much longer title" }), "title → A much longer title");
    assert.equal(say({ customer: "c" }, { customer: null }), "customer c → none");
    assert.equal(say({ labels: [{ name: "x" }] }, { labels: [{ name: "x", c: 1 }] }), "labels changed inside");
    assert.equal(say({ updated_at: 1 }, { updated_at: 2 }), "updated_at 1 → 2");
  });

  test("fits its column", () => {
    assert.equal(fit("abc", 5), "abc  ");
    assert.equal(fit("abcdef", 5), "abcd…");
  });
});

suite("the count", () => {
  const stamp = (ms: number) => new Date(ms).toISOString();

  test("a change is as late as the state or else the operation says, and on the side nobody knows", () => {
    const touched = new Map([
      ["stripe.customer cus_1", 500],
      ["github.milestone acme/shop 1", 600],
    ]);
    assert.equal(happenedAt(change({ after: { n: 1 } }), touched), 500);
    assert.equal(happenedAt(change({ after: { updated_at: stamp(700) } }), touched), 700);
    const same = { before: { updated_at: stamp(700) }, after: { updated_at: stamp(700), labels: [] } };
    assert.equal(happenedAt(change(same), touched), undefined);
    const milestone = { type: "github.milestone", scope: "acme/shop", id: "1", after: { updated_at: stamp(700) } };
    assert.equal(happenedAt(change(milestone), touched), 600);
  });

  test("an operation explains one change", () => {
    const touched = new Map([["stripe.customer cus_1", 500]]);
    const tally = new Tally();
    assert.equal(tally.change(change({ after: { n: 1 } }), touched, 800), 300);
    assert.equal(tally.change(change({ after: { n: 2 }, via: "sweep" }), touched, 900), undefined);
    assert.deepEqual(
      [...tally.found],
      [
        ["webhook", 1],
        ["sweep", 1],
      ],
    );
    assert.deepEqual([...tally.late], [["webhook", [300]]]);
  });

  test("events of the engine are counted by what they mean", () => {
    const tally = new Tally();
    const read = { kind: "read", type: "a.b", scope: "", id: "1", class: "live", ms: 1 } as const;
    tally.add({ kind: "request" });
    tally.add({ kind: "event", event: { ...read, outcome: "older" } });
    tally.add({ kind: "event", event: { ...read, outcome: "unordered" } });
    tally.add({ kind: "event", event: { kind: "page", type: "a.b", scope: "", items: 3, changes: 0, stale: 2 } });
    tally.add({ kind: "event", event: { kind: "failed", what: "x", error: "y", ms: 1 } });
    assert.deepEqual([tally.requests, tally.stale, tally.unordered, tally.failures], [1, 3, 1, 1]);
  });

  test("the median is the middle", () => {
    assert.equal(median([]), undefined);
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([1, 2, 3, 4]), 2);
  });
});

suite("the table", () => {
  const outcome = {
    done: { github: 2, stripe: 1 },
    network: { sent: 10, lost: 3, doubled: 2, unmet: 1 },
    tally: new Tally(),
    ...{ kills: 1, deaths: 0, misfits: 0, compared: 4, different: [] },
  };

  test("tells every number of the outcome, and ends with the differences", () => {
    const rows = rowsOf(summaryOf(outcome));
    assert.match(rows[0] ?? "", /^operations at the providers +3 {3}GitHub 2, Stripe 1$/);
    assert.match(rows.at(-1) ?? "", /^differences to the providers +0 {3}4 resources compared, field by field$/);
    assert.ok(rows.some((row) => /^ {2}lost on the way +3 {3}30 %$/.test(row)));
    assert.ok(rows.every((row) => row.length <= 94));
  });

  test("all is right only without a difference, a misfit or a crash", () => {
    assert.equal(isRight(outcome), true);
    for (const wrong of [{ different: ["a"] }, { misfits: 1 }, { deaths: 1 }]) {
      assert.equal(isRight({ ...outcome, ...wrong }), false);
    }
  });

  test("tells of webhooks refused and failures only if there were any", () => {
    const tally = new Tally();
    tally.add({ kind: "event", event: { kind: "failed", what: "x", error: "y", ms: 1 } });
    const refused = {
      provider: "stripe",
      scope: "",
      outcome: "rejected",
      types: [],
      refs: [],
      ms: 0,
      status: 401,
    } as const;
    tally.add({ kind: "event", event: { kind: "webhook", ...refused } });
    const told = (some: typeof outcome) =>
      rowsOf(summaryOf(some)).filter((row) => /rejected|failures/.test(row)).length;
    assert.deepEqual([told(outcome), told({ ...outcome, tally })], [0, 2]);
  });
});

test("the command line", () => {
  assert.deepEqual(optionsOf([]), { once: false, help: false, seed: 1 });
  assert.deepEqual(optionsOf(["--once", "--seed", "7"]), { once: true, help: false, seed: 7 });
  assert.throws(() => optionsOf(["--seed", "x"]), /--seed must be a whole number/);
  assert.throws(() => optionsOf(["--twice"]), TypeError);
});

test("the list of all comments: since, sorted, by pages", () => {
  const user = null;
  const comment = (id: number, created: number, updated: number) =>
    ({ id, user, created_at: new Date(created).toISOString(), updated_at: new Date(updated).toISOString() }) as never;
  const all = [comment(3, 30, 30), comment(1, 10, 40), comment(2, 20, 20)];
  const ids = (query: Record<string, string>) => pageOf(all, new URLSearchParams(query)).map(({ id }) => id);
  assert.deepEqual(ids({}), [1, 2, 3]);
  assert.deepEqual(ids({ sort: "updated" }), [2, 3, 1]);
  assert.deepEqual(ids({ since: new Date(30).toISOString() }), [1, 3]);
  assert.deepEqual(ids({ per_page: "2", page: "2" }), [3]);
});
