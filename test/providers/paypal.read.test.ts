/** Reads of PayPal: tokens, single resources, lists, what is within one, and what refusals mean. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, type Context, Hidden, type Page, RetryLater } from "tidemark";
import { fakeContext } from "./context.ts";
import * as kit from "./paypal.kit.ts";
import { grant, type Json, NOW, notFound, plugin, serve, WEBHOOK_ID } from "./paypal.kit.ts";

const context = (over: Partial<Context> = {}) => fakeContext({ now: () => NOW, ...over });
const example = (name: string): Json => kit.fixture(`openapi-examples/${name}.json`);
const plan = example("billing_subscriptions_v1__billing-plans__post__res__200__plan");
const subscription = example("billing_subscriptions_v1__billing-subscriptions__post__res__200__subscription");
const token = example("vault_payment_tokens_v3__vault-payment-tokens__post__res__200__payment_token_response");
const invoice = { ...example("invoicing_v2__invoice"), id: "INV2-1" };

/** Each type, where it is read, and the state with the id that it has there. */
const table: Readonly<
  Record<Exclude<(typeof kit.TYPES)[number], "subscription_transaction">, [path: string, id: string, state: Json]>
> = {
  order: ["/v2/checkout/orders/O1", "O1", { id: "O1" }],
  authorization: ["/v2/payments/authorizations/A1", "A1", { id: "A1" }],
  capture: ["/v2/payments/captures/C1", "C1", { id: "C1" }],
  refund: ["/v2/payments/refunds/R1", "R1", { id: "R1" }],
  sale: ["/v1/payments/sale/S1", "S1", { id: "S1" }],
  subscription: [
    "/v1/billing/subscriptions/I-BW452GLLEP1G?fields=plan%2Clast_failed_payment",
    "I-BW452GLLEP1G",
    subscription,
  ],
  plan: ["/v1/billing/plans/P-5ML4271244454362WXNWU5NQ", "P-5ML4271244454362WXNWU5NQ", plan],
  product: ["/v1/catalogs/products/PROD-1", "PROD-1", { id: "PROD-1" }],
  dispute: ["/v1/customer/disputes/PP-D-1", "PP-D-1", { dispute_id: "PP-D-1" }],
  invoice: ["/v2/invoicing/invoices/INV2-1", "INV2-1", invoice],
  payout_batch: [
    "/v1/payments/payouts/B1?page=1&page_size=1&fields=batch_header",
    "B1",
    { batch_header: { payout_batch_id: "B1" } },
  ],
  payout_item: ["/v1/payments/payouts-item/I1", "B1/I1", { payout_batch_id: "B1", payout_item_id: "I1" }],
  payment_token: ["/v3/vault/payment-tokens/8kk8451t", "8kk8451t", token],
};
const types = Object.keys(table) as (keyof typeof table)[];

test("each type is read at its place, and is itself", async () => {
  for (const type of types) {
    const [path, id, state] = table[type];
    const { fetch, asked } = serve(() => Response.json(state));
    const resource = plugin({ fetch }).resources[type];
    assert.deepEqual(await resource.fetch(id, context()), state, type);
    assert.deepEqual(
      asked.map(({ origin, pathname, search }) => origin + pathname + search),
      [`https://api-m.paypal.com${path}`],
    );
    assert.equal(resource.id(state as never), id);
    for (const other of [{ ...state, id: "X", dispute_id: "X", payout_item_id: "X", batch_header: {} }, {}, [], null]) {
      const wrong = plugin({ fetch: serve(() => Response.json(other)).fetch }).resources[type];
      await assert.rejects(() => wrong.fetch(id, context()), TypeError, type);
    }
  }
});

test("the latest of a state's times is its version", () => {
  const { resources } = plugin();
  const time = "2026-01-02T03:04:05Z";
  const at = Date.parse(time);
  const version = (type: (typeof types)[number], state: object) => resources[type].version?.(state as never);
  for (const type of ["order", "authorization", "capture", "refund", "sale", "plan", "product", "dispute"] as const) {
    assert.equal(version(type, { create_time: time }), at, type);
    assert.equal(version(type, { create_time: "2020-01-01T00:00:00Z", update_time: time }), at, type);
    assert.equal(version(type, { update_time: "soon" }), undefined, type);
  }
  assert.equal(version("subscription", { create_time: "2020-01-01T00:00:00Z", status_update_time: time }), at);
  for (const name of ["create_time", "last_update_time", "last_sent_time", "cancel_time"]) {
    assert.equal(
      version("invoice", { detail: { metadata: { create_time: "2020-01-01T00:00:00Z", [name]: time } } }),
      at,
      name,
    );
  }
  for (const name of ["time_created", "time_completed"])
    assert.equal(version("payout_batch", { batch_header: { [name]: time } }), at);
  assert.equal(version("payout_item", { time_processed: time }), at);
  assert.equal(resources.payment_token.version, undefined);
  assert.equal(resources.subscription_transaction.version, undefined);
});

test("only PayPal says that there is nothing", async () => {
  const order = (answer: () => Response) =>
    plugin({ fetch: serve(answer).fetch }).resources.order.fetch("O1", context());
  assert.equal(await order(() => notFound()), null);
  assert.equal(await order(() => notFound("INVALID_RESOURCE_ID", "")), null);
  assert.equal(await order(() => notFound("OTHER", "INVALID_RESOURCE_ID")), null);
  const others = [
    notFound("OTHER", "OTHER"),
    new Response("<h1>Not found</h1>", { status: 404 }),
    new Response(null, { status: 404 }),
  ];
  for (const answer of [
    ...others,
    Response.json({ name: "RESOURCE_NOT_FOUND" }),
    new Response(null, { status: 410 }),
  ]) {
    await assert.rejects(() => order(() => answer));
  }
});

test("one that may not be read is hidden where others can be, and else the type is lost", async () => {
  const refused = () => Response.json({ name: "NOT_AUTHORIZED" }, { status: 403 });
  const listed = serve(({ pathname }) =>
    pathname.endsWith("/PROD-1") ? refused() : Response.json({ products: [], links: [] }),
  );
  const { resources } = plugin({ fetch: listed.fetch });
  await assert.rejects(
    () => resources.product.fetch("PROD-1", context()),
    (error) => error instanceof Hidden,
  );
  const { resources: none } = plugin({ fetch: serve(refused).fetch });
  for (const type of ["product", "order"] as const) {
    await assert.rejects(
      () => none[type].fetch("X", context()),
      (error) => error instanceof AccessLost,
      type,
    );
  }
});

test("a token serves all until a minute before its end; many who need one ask once", async () => {
  let now = NOW;
  const { fetch, asked, granted } = serve(({ pathname }) => Response.json({ id: pathname.split("/").at(-1) }));
  const { resources } = plugin({ fetch });
  const read = (id: string) => resources.order.fetch(id, context({ now: () => now }));
  await Promise.all(Array.from({ length: 20 }, (_, n) => read(`O${n}`)));
  assert.deepEqual([granted(), asked.length], [1, 20]);
  now += 32_400_000 - 60_001;
  await read("O1");
  assert.equal(granted(), 1);
  now += 1;
  await read("O1");
  assert.equal(granted(), 2);
});

test("a token is asked for with the app's credentials, and they go nowhere else", async () => {
  const seen: [url: string, method: string, authorization: string | null, body: string][] = [];
  const fetch = async (request: Request) => {
    seen.push([request.url, request.method, request.headers.get("authorization"), await request.text()]);
    return request.method === "POST" ? grant("T") : Response.json({ id: "O1" });
  };
  const url = "https://api-m.sandbox.paypal.com";
  await plugin({ fetch, url }).resources.order.fetch("O1", context());
  assert.deepEqual(seen, [
    [
      `${url}/v1/oauth2/token`,
      "POST",
      `Basic ${Buffer.from("client:secret").toString("base64")}`,
      "grant_type=client_credentials",
    ],
    [`${url}/v2/checkout/orders/O1`, "GET", "Bearer T", ""],
  ]);
});

test("a token that ends before its time is exchanged once; then access is lost, and the next read tries anew", async () => {
  let good = "token-2";
  const { fetch, granted, asked } = serve((_, request) =>
    request.headers.get("authorization") === `Bearer ${good}`
      ? Response.json({ id: "O1" })
      : new Response("{}", { status: 401 }),
  );
  const { resources } = plugin({ fetch });
  assert.ok(await resources.order.fetch("O1", context()));
  assert.deepEqual([granted(), asked.length], [2, 2]);
  good = "none";
  await assert.rejects(
    () => resources.order.fetch("O1", context()),
    (error) => error instanceof AccessLost,
  );
  assert.deepEqual([granted(), asked.length], [3, 4]);
  good = "token-4";
  assert.ok(await resources.order.fetch("O1", context()));
});

test("a refusal that comes late does not throw the token away that came meanwhile", async () => {
  const late = Promise.withResolvers<void>();
  const { fetch, granted } = serve(async ({ pathname }, request) => {
    if (request.headers.get("authorization") !== "Bearer token-1")
      return Response.json({ id: pathname.split("/").at(-1) });
    if (pathname.endsWith("O2")) await late.promise;
    return new Response("{}", { status: 401 });
  });
  const { resources } = plugin({ fetch });
  const second = resources.order.fetch("O2", context());
  assert.ok(await resources.order.fetch("O1", context()));
  late.resolve();
  assert.ok(await second);
  assert.equal(granted(), 2);
});

test("who only waited for a token gets one though who asked for it was stopped", async () => {
  const stop = new AbortController();
  let asked = 0;
  const fetch = async (request: Request): Promise<Response> => {
    if (request.method === "GET") return Response.json({ id: "O1" });
    if (++asked > 1) return grant("T");
    return new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
  };
  const { resources } = plugin({ fetch });
  const first = resources.order.fetch("O1", context({ signal: stop.signal }));
  const second = resources.order.fetch("O1", context());
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await assert.rejects(first, { name: "AbortError" });
  assert.ok(await second);
  assert.equal(asked, 2);
});

test("credentials that are refused, and a grant that is none, are told", async () => {
  const read = (answer: () => Response) =>
    plugin({ fetch: async () => answer() }).resources.order.fetch("O1", context());
  await assert.rejects(
    () => read(() => new Response("{}", { status: 401 })),
    (error) => error instanceof AccessLost,
  );
  for (const body of [{}, { access_token: "", expires_in: 1 }, { access_token: "T" }]) {
    await assert.rejects(() => read(() => Response.json(body)), { name: "ZodError" });
  }
});

test("a limit that names no time is half a minute", async () => {
  const read = (headers = {}) =>
    plugin({ fetch: serve(() => new Response(null, { status: 429, headers })).fetch }).resources.order.fetch(
      "O1",
      context(),
    );
  await assert.rejects(
    () => read(),
    (error) => error instanceof RetryLater && error.ms === 30_000,
  );
  await assert.rejects(
    () => read({ "retry-after": "7" }),
    (error) => error instanceof RetryLater && error.ms === 7_000,
  );
});

const HOST = "https://api.paypal.com";

/** All pages of a list. */
async function pagesOf(list: (page: string | null) => Promise<Page<object>> | undefined): Promise<Page<object>[]> {
  const pages: Page<object>[] = [];
  for (let page: string | null = null; pages.length === 0 || page !== null; ) {
    const next: Page<object> | undefined = await list(page);
    assert.ok(next && pages.length < 20);
    pages.push(next);
    page = next.next;
  }
  return pages;
}
const idsOf = (pages: readonly Page<object>[]) => pages.flatMap(({ refs = [] }) => refs.map(({ id }) => id));
const rowsOf = (count: number, begin = 0): Json[] =>
  Array.from({ length: count }, (_, n) => ({ id: `P-${begin + n}` }));

test("a numbered list goes on while pages are full or name a next one, and asks for all there is to know", async () => {
  const prefer: (string | null)[] = [];
  const sizes = [20, 20, 0];
  const { fetch, asked } = serve((url, request) => {
    prefer.push(request.headers.get("prefer"));
    const page = Number(url.searchParams.get("page"));
    return Response.json({ plans: rowsOf(sizes[page - 1] ?? 0, page * 100), total_items: "40" });
  });
  const pages = await pagesOf((page) => plugin({ fetch }).resources.plan.list?.(page, context()));
  assert.deepEqual([idsOf(pages).length, pages.length], [40, 3]);
  assert.deepEqual(
    pages.map(({ total }) => total),
    [40, 40, 40],
  );
  assert.deepEqual(
    asked.map(({ search }) => search),
    [1, 2, 3].map((page) => `?total_required=true&page_size=20&page=${page}`),
  );
  assert.deepEqual(new Set(prefer), new Set(["return=representation"]));
  const short = serve(({ searchParams }) =>
    Response.json({
      plans: rowsOf(1),
      links: searchParams.get("page") === "1" ? [{ rel: "next", href: "https://api.paypal.com/x" }] : [],
    }),
  );
  assert.equal(
    (await pagesOf((page) => plugin({ fetch: short.fetch }).resources.plan.list?.(page, context()))).length,
    2,
  );
});

test("where the total has fallen between two pages, the one before is read again", async () => {
  let all = rowsOf(45);
  let reads = 0;
  const { fetch, asked } = serve(({ searchParams }) => {
    // One of the first page goes while the second is asked for: what comes after moves across the border.
    if (++reads === 2) all = all.slice(1);
    const begin = (Number(searchParams.get("page")) - 1) * 20;
    return Response.json({ plans: all.slice(begin, begin + 20), total_items: String(all.length) });
  });
  const pages = await pagesOf((page) => plugin({ fetch }).resources.plan.list?.(page, context()));
  assert.deepEqual(
    asked.map(({ searchParams }) => searchParams.get("page")),
    ["1", "2", "1", "2", "3"],
  );
  assert.deepEqual(new Set(idsOf(pages)), new Set(rowsOf(45).map(({ id }) => id)));
});

test("where the total has fallen by more than a page, as many pages are read again", async () => {
  let all = rowsOf(120);
  let reads = 0;
  const { fetch, asked } = serve(({ searchParams }) => {
    // Most of what was shown goes while the fifth page is asked for.
    if (++reads === 5) all = all.slice(50);
    const begin = (Number(searchParams.get("page")) - 1) * 20;
    return Response.json({ plans: all.slice(begin, begin + 20), total_items: String(all.length) });
  });
  const pages = await pagesOf((page) => plugin({ fetch }).resources.plan.list?.(page, context()));
  assert.deepEqual(
    asked.map(({ searchParams }) => searchParams.get("page")),
    ["1", "2", "3", "4", "5", "2", "3", "4"],
  );
  assert.deepEqual(new Set(idsOf(pages)), new Set(rowsOf(120).map(({ id }) => id)));
});

test("a list that has more than PayPal shows is no whole list", async () => {
  const rows = Array.from({ length: 100 }, (_, n) => ({ id: `INV2-${n}` }));
  const { fetch } = serve(() => Response.json({ items: rows, links: [] }));
  const last = JSON.stringify({ asked: { page: "1000", page_size: "100" } });
  await assert.rejects(
    async () => plugin({ fetch }).resources.invoice.list?.(last, context()),
    /no more than 1000 pages/,
  );
});

test("a list that names its next page is followed within itself, whatever the host's name", async () => {
  const next = (href: string) => [{ rel: "next", href }];
  const { fetch, asked } = serve(({ searchParams }) => {
    const more = searchParams.get("next_page_token") === null;
    const links = more
      ? next("https://api.sandbox.paypal.com/v1/customer/disputes?page_size=50&next_page_token=t")
      : [];
    return Response.json({
      items: [{ dispute_id: more ? "PP-D-1" : "PP-D-2", update_time: "2026-01-02T03:04:05Z" }],
      links,
    });
  });
  const pages = await pagesOf((page) => plugin({ fetch }).resources.dispute.list?.(page, context()));
  assert.deepEqual(idsOf(pages), ["PP-D-1", "PP-D-2"]);
  assert.equal(pages[0]?.refs?.[0]?.version, Date.parse("2026-01-02T03:04:05Z"));
  assert.deepEqual(
    asked.map(({ host }) => host),
    ["api-m.paypal.com", "api-m.paypal.com"],
  );
  for (const href of [
    "https://evil.io/v1/customer/disputes?x=1",
    "https://api.paypal.com/v1/oauth2/token?x=1",
    "?x=1",
    "x",
  ]) {
    const { fetch } = serve(() => Response.json({ items: [], links: next(href) }));
    await assert.rejects(
      async () => plugin({ fetch }).resources.dispute.list?.(null, context()),
      /leads elsewhere: the list is not whole/,
      href,
    );
  }
  const round = serve(() =>
    Response.json({ items: [], links: next(`${HOST}/v1/customer/disputes?next_page_token=t`) }),
  );
  const { next: second } = (await plugin({ fetch: round.fetch }).resources.dispute.list?.(null, context())) ?? {};
  await assert.rejects(
    async () => plugin({ fetch: round.fetch }).resources.dispute.list?.(second ?? null, context()),
    /leads back to itself/,
  );
});

test("what is behind a next page that cannot be asked for is not believed to be gone", async () => {
  for (const href of [`${HOST}/v1/billing/x/transactions?page=2`, "https://paypal.internal/x?page=2"]) {
    const { fetch } = serve(() => Response.json({ transactions: [{ id: "T1" }], links: [{ rel: "next", href }] }));
    const { subscription_transaction } = plugin({ fetch }).resources;
    await assert.rejects(() => subscription_transaction.fetch("I-1/T2", context()), /the list is not whole/, href);
  }
});

test("a row tells its version only where its time moves with every change", async () => {
  const row = { id: "X", dispute_id: "X", update_time: "2026-01-02T03:04:05Z", create_time: "2025-01-02T03:04:05Z" };
  const versionIn = async (type: "plan" | "product" | "dispute" | "subscription" | "invoice", one: object) => {
    const { fetch } = serve(() => Response.json({ plans: [one], products: [one], subscriptions: [one], items: [one] }));
    const page = await plugin({ fetch }).resources[type].list?.(null, context());
    return page?.refs?.[0]?.version;
  };
  const at = Date.parse(row.update_time);
  for (const type of ["plan", "product", "dispute"] as const) {
    assert.equal(await versionIn(type, row), at, type);
    assert.equal(await versionIn(type, { ...row, update_time: undefined }), undefined, type);
  }
  for (const type of ["subscription", "invoice"] as const) assert.equal(await versionIn(type, row), undefined, type);
});

test("how many there are is not said where some are left out", async () => {
  const { fetch } = serve(() => Response.json({ plans: rowsOf(2), total_items: "2" }));
  const totalOf = async (backfill: "all" | Date) =>
    (await plugin({ fetch, backfill }).resources.plan.list?.(null, context()))?.total;
  assert.deepEqual([await totalOf("all"), await totalOf(new Date(0))], [2, undefined]);
});

test("a date leaves out what is known to be older; without a backfill nothing is listed", async () => {
  const rows = [
    { id: "P-1", create_time: "2025-12-31T23:59:59Z" },
    { id: "P-2", create_time: "2026-01-01T00:00:00Z" },
    { id: "P-3" },
    {},
  ];
  const { fetch } = serve(() => Response.json({ plans: rows }));
  const page = await plugin({ fetch, backfill: new Date("2026-01-01") }).resources.plan.list?.(null, context());
  assert.deepEqual(page?.refs, [{ id: "P-2" }, { id: "P-3" }]);
  const { resources } = plugin({ backfill: "none" });
  assert.deepEqual(
    Object.values(resources).filter(({ list }) => list),
    [],
  );
  assert.ok(resources.payout_item.within);
});

test("an answer that is no list is no empty one", async () => {
  for (const body of [{}, [], null, "x", { plans: {} }, { plans: null, links: [] }, { plans: [5] }]) {
    const { fetch } = serve(() => Response.json(body));
    await assert.rejects(async () => plugin({ fetch }).resources.plan.list?.(null, context()), JSON.stringify(body));
  }
  const empty = serve(() => Response.json({ links: [] }));
  assert.deepEqual(await plugin({ fetch: empty.fetch }).resources.plan.list?.(null, context()), {
    refs: [],
    next: null,
  });
  const missing = serve(() => notFound());
  await assert.rejects(async () => plugin({ fetch: missing.fetch }).resources.plan.list?.(null, context()));
});

test("the transactions of a subscription are listed from the beginning until now, and read one by one so", async () => {
  const rows = [
    { id: "T1", status: "COMPLETED" },
    { id: "T2", status: "REFUNDED" },
  ];
  const { fetch, asked } = serve(({ pathname }) =>
    pathname.includes("I-1") ? Response.json({ transactions: rows }) : notFound(),
  );
  const { subscription_transaction: transaction } = plugin({ fetch }).resources;
  const page = await transaction.within?.list("I-1", null, context());
  assert.deepEqual(page, { items: rows.map((row) => ({ ...row, subscription_id: "I-1" })), next: null });
  assert.equal(asked[0]?.pathname, "/v1/billing/subscriptions/I-1/transactions");
  assert.deepEqual(Object.fromEntries(asked[0]?.searchParams ?? []), {
    start_time: "2010-01-01T00:00:00.000Z",
    end_time: new Date(NOW).toISOString(),
  });
  assert.deepEqual(await transaction.fetch("I-1/T2", context()), { ...rows[1], subscription_id: "I-1" });
  assert.equal(await transaction.fetch("I-1/T3", context()), null);
  assert.equal(await transaction.fetch("I-2/T1", context()), null);
  assert.deepEqual(await transaction.within?.list("I-2", null, context()), { items: [], next: null });
  const before = asked.length;
  for (const strange of ["../x", "a/b", "", "?"])
    assert.deepEqual(await transaction.within?.list(strange, null, context()), { refs: [], next: null });
  assert.equal(asked.length, before);
});

test("the items of a batch are named by it, a thousand a page", async () => {
  const items = [
    { payout_item_id: "I1", time_processed: "2026-01-02T03:04:05Z" },
    { payout_item_id: "I2" },
    { payout_item_id: "../x" },
  ];
  const { fetch, asked } = serve(() => Response.json({ batch_header: {}, items }));
  const { payout_item } = plugin({ fetch }).resources;
  const page = await payout_item.within?.list("B1", null, context());
  assert.deepEqual(page?.refs, [{ id: "B1/I1", version: Date.parse("2026-01-02T03:04:05Z") }, { id: "B1/I2" }]);
  assert.equal(
    `${asked[0]?.pathname}${asked[0]?.search}`,
    "/v1/payments/payouts/B1?total_required=true&page_size=1000&page=1",
  );
  // One that is being processed has none yet.
  const fresh = serve(() => Response.json({ batch_header: { payout_batch_id: "B1" } }));
  assert.deepEqual(await plugin({ fetch: fresh.fetch }).resources.payout_item.within?.list("B1", null, context()), {
    refs: [],
    next: null,
  });
});

test("a probe asks for the app's webhooks and for a list: the sandbox is not live, another app not this one", async () => {
  const webhooks = new Set([WEBHOOK_ID]);
  const { fetch, asked } = serve(({ pathname }) => {
    const [, id = ""] = /^\/v1\/notifications\/webhooks\/(.+)$/.exec(pathname) ?? [];
    if (id !== "") return webhooks.has(id) ? Response.json({ id }) : notFound();
    return Response.json({ subscriptions: [], plans: [] });
  });
  const provider = plugin({ fetch, webhookId: ["OLD", WEBHOOK_ID] });
  const ask = async (type: "order" | "plan" | "subscription_transaction") => {
    asked.length = 0;
    await provider.probe?.(type, context());
    return asked.map(({ pathname }) => pathname);
  };
  const app = ["OLD", WEBHOOK_ID].map((id) => `/v1/notifications/webhooks/${id}`);
  assert.deepEqual(await ask("order"), app);
  assert.deepEqual(await ask("plan"), [...app, "/v1/billing/plans"]);
  assert.deepEqual(await ask("subscription_transaction"), [...app, "/v1/billing/subscriptions"]);
  webhooks.clear();
  await assert.rejects(
    () => ask("order"),
    (error) => error instanceof AccessLost,
  );
  const gateway = plugin({ fetch: serve(() => new Response("", { status: 404 })).fetch });
  await assert.rejects(
    async () => gateway.probe?.("order", context()),
    (error) => !(error instanceof AccessLost),
  );
});

test("what changed leads to what changes with it, if that is synchronized", () => {
  const order = {
    id: "O1",
    status: "X",
    purchase_units: [{ payments: { captures: [{ id: "C1" }], refunds: [{ id: "R1" }] } }],
  };
  const related = (types: ("order" | "capture" | "refund")[]) =>
    plugin({ types }).resources.order.related?.(order as never);
  assert.deepEqual(related(["order", "capture"]), [{ type: "capture", id: "C1" }]);
  assert.deepEqual(related(["order"]), []);
});

test("an option that is wrong says what to write", () => {
  const wrong: [object, RegExp][] = [
    [{ clientId: "" }, /clientId/],
    [{ clientId: "a:b" }, /colon/],
    [{ clientSecret: " " }, /clientSecret/],
    [{ clientSecret: undefined }, /clientSecret/],
    [{ types: [] }, /types/],
    [{ types: ["orders"] }, /there is no "orders"/],
    [{ types: ["payout_item"] }, /"payout_batch"/],
    [{ backfill: "some" }, /backfill/],
    [{ backfill: new Date("x") }, /backfill/],
    [{ tolerance: -1 }, /tolerance/],
    [{ tolerance: Number.NaN }, /tolerance/],
    [{ pollEvery: 9_999 }, /pollEvery/],
    [{ pollEvery: Number.POSITIVE_INFINITY }, /pollEvery/],
    [{ url: "ftp://x" }, /url/],
  ];
  for (const [options, message] of wrong)
    assert.throws(() => plugin(options), { name: "TypeError", message }, String(message));
  assert.deepEqual(Object.keys(plugin().resources), kit.TYPES);
});
