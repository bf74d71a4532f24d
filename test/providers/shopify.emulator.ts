/**
 * Shops in memory, behind the Admin API: every query is checked against the published schema and answered by it. Lists
 * have pages, filters and the end at 25,000; queries have costs, shops a bucket; deletions leave an event, and nothing else.
 */
import { createHmac } from "node:crypto";
import {
  execute,
  type GraphQLFieldResolver,
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from "graphql";
import type { Delivery, Emulator, EmulatorOptions, Truth } from "tidemark/testing";
import { check, costOf, schema } from "./shopify.schema.ts";

export type Thing = Record<string, unknown> & { __typename: string; id: string; createdAt: string; updatedAt: string };
type Args = Readonly<Record<string, unknown>>;

export const SHOPS = ["one.myshopify.com", "two.myshopify.com"] as const;
/** The types that it has. */
export const TYPES = [
  "product",
  "product_variant",
  "order",
  "refund",
  "return",
  "customer",
  "inventory_level",
  "metaobject",
] as const;
export const TOKEN = "shpat_the_token_of_the_shop";
/** Beyond 2^53: a number would lose the last digits. */
const FIRST_ID = 9_007_199_254_740_993n;
const WINDOW = 25_000;
const POINTS = 1_000;

/** A shop, as tests may change it. */
export interface Shop {
  domain: string;
  /** By id, in the order of ids. */
  things: Map<string, Thing>;
  events: Thing[];
  /** Webhook subscriptions of the app. */
  hooks: Thing[];
  /** Access scopes. Orders older than 60 days are not shown without `read_all_orders`. */
  granted: string[];
  bucket: { points: number; at: number; size: number; rate: number };
}

export interface ShopifyEmulator extends Emulator {
  shop(domain: string): Shop;
  create(shop: Shop, object: string, fields?: Args): Thing;
  update(shop: Shop, thing: Thing, fields?: Args): void;
  remove(shop: Shop, thing: Thing): void;
}

export const numberOf = (gid: string): string => /(\d+)(\?|$)/.exec(gid)?.[1] ?? "";
const gid = (object: string, number: bigint | string): string => `gid://shopify/${object}/${number}`;

/** The delivery of a webhook, signed. Numbers are written in full, as Shopify writes them. */
export function delivery(topic: string, shop: string, body: unknown, secret: string, more: Args = {}): Delivery {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const headers = { "x-shopify-topic": topic, "x-shopify-shop-domain": shop, ...(more as Record<string, string>) };
  const signature = createHmac("sha256", secret).update(text).digest("base64");
  return { body: text, headers: { ...headers, "x-shopify-hmac-sha256": signature } };
}

const raw = (number: string): unknown => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(number);

/** Shops with nothing in them but their name, two locations and one type of metaobjects. */
export function createShopify({ now, secret }: EmulatorOptions): ShopifyEmulator {
  let last = FIRST_ID;
  let open = true;
  let deliveries: { topic: string; shop: Shop; body: unknown; id: string }[] = [];
  const time = () => `${new Date(now()).toISOString().slice(0, 19)}Z`;
  const nextId = () => last++;
  const shops = new Map<string, Shop>();

  function create(shop: Shop, object: string, fields: Args = {}): Thing {
    const at = time();
    const id = gid(object, nextId());
    const thing = { __typename: object, id, createdAt: at, updatedAt: at, ...fields } as Thing;
    shop.things.set(thing.id, thing);
    return thing;
  }
  function update(_: Shop, thing: Thing, fields: Args = {}): void {
    Object.assign(thing, fields, { updatedAt: time() });
  }
  function remove(shop: Shop, thing: Thing): void {
    shop.things.delete(thing.id);
    const subjectType = { Product: "PRODUCT", ProductVariant: "PRODUCT_VARIANT", Order: "ORDER", Customer: "CUSTOMER" }[
      thing.__typename
    ];
    if (subjectType === undefined) return;
    const event = { action: "destroy", subjectId: thing.id, subjectType };
    shop.events.push({
      __typename: "BasicEvent",
      id: gid("BasicEvent", nextId()),
      createdAt: time(),
      updatedAt: time(),
      ...event,
    });
  }
  for (const domain of SHOPS) {
    const bucket = { points: 20_000, at: now(), size: 20_000, rate: 1_000 };
    const shop = {
      domain,
      things: new Map(),
      events: [],
      hooks: [],
      granted: ["read_products", "read_all_orders"],
      bucket,
    };
    shops.set(domain, shop);
    for (const name of ["North", "South"]) create(shop, "Location", { name });
    create(shop, "MetaobjectDefinition", { type: "recipe" });
    create(shop, "MetaobjectDefinition", { type: "author" });
  }

  /** A topic has one subscription for a URL, and needs its access scope. */
  function subscribe(shop: Shop, topic: unknown, input: Args): Args {
    const isTaken = shop.hooks.some((hook) => hook["topic"] === topic && hook["uri"] === input["uri"]);
    if (isTaken || (topic === "THEMES_CREATE" && !shop.granted.includes("read_themes"))) {
      return { userErrors: [{ field: ["webhookSubscription"], message: `no: ${input["uri"]}` }] };
    }
    const [id, at] = [gid("WebhookSubscription", nextId()), time()];
    const kept = { topic, format: "JSON", filter: null, includeFields: [], ...input };
    shop.hooks.push({ __typename: "WebhookSubscription", id, createdAt: at, updatedAt: at, ...kept });
    return { userErrors: [] };
  }

  const all = (shop: Shop, object: string): Thing[] =>
    [...shop.things.values()].filter(({ __typename }) => __typename === object);
  const tell = (shop: Shop, topic: string, body: unknown) =>
    void deliveries.push({ topic, shop, body, id: `00000000-0000-4000-8000-${String(nextId()).slice(-12)}` });

  /** What a webhook says of a thing: a number, a global id, a time of the shop's zone, and what was so then. */
  const payload = (thing: Thing, more: Args = {}) => ({
    id: raw(numberOf(thing.id)),
    admin_graphql_api_id: thing.id,
    updated_at: `${new Date(Date.parse(thing.updatedAt) - 5 * 3_600_000).toISOString().slice(0, 19)}-05:00`,
    ...more,
  });

  function write(random: () => number): void {
    const pick = <T>(some: readonly T[]): T | undefined => some[Math.floor(random() * some.length)];
    const shop = shops.get(SHOPS[random() < 0.7 ? 0 : 1]) as Shop;
    const text = () => `text ${Math.floor(random() * 1e9)}`;
    const variantsOf = (product: Thing) =>
      all(shop, "ProductVariant").filter((one) => (one["product"] as Thing) === product);
    const told = (product: Thing) => payload(product, { variants: variantsOf(product).map((one) => payload(one)) });
    const actions: Record<string, () => void> = {
      newProduct() {
        const product = create(shop, "Product", { title: text() });
        for (let n = 0; n < 1 + random() * 2; n++) {
          const item = create(shop, "InventoryItem", { sku: text() });
          create(shop, "ProductVariant", { product, inventoryItem: item, title: text() });
        }
        tell(shop, "products/create", told(product));
      },
      editProduct() {
        const product = pick(all(shop, "Product"));
        if (!product) return actions["newProduct"]?.();
        update(shop, product, { title: text() });
        for (const variant of variantsOf(product)) if (random() < 0.5) update(shop, variant, { title: text() });
        tell(shop, "products/update", told(product));
      },
      endProduct() {
        const product = pick(all(shop, "Product"));
        if (!product) return;
        for (const variant of variantsOf(product)) {
          const item = variant["inventoryItem"] as Thing;
          for (const level of all(shop, "InventoryLevel")) if (level["item"] === item) shop.things.delete(level.id);
          shop.things.delete(item.id);
          remove(shop, variant);
        }
        remove(shop, product);
        tell(shop, "products/delete", { id: raw(numberOf(product.id)) });
      },
      stock() {
        const item = pick(all(shop, "InventoryItem"));
        const location = pick(all(shop, "Location"));
        if (!item || !location) return actions["newProduct"]?.();
        const level = all(shop, "InventoryLevel").find((one) => one["item"] === item && one["location"] === location);
        const pair = { inventory_item_id: raw(numberOf(item.id)), location_id: raw(numberOf(location.id)) };
        if (level && random() < 0.3) {
          shop.things.delete(level.id);
          tell(shop, "inventory_levels/disconnect", pair);
          return;
        }
        const quantities = [{ name: "available", quantity: Math.floor(random() * 100) }];
        if (level) update(shop, level, { quantities });
        const one = level ?? create(shop, "InventoryLevel", { item, location, quantities, isActive: true });
        const id = `${gid("InventoryLevel", numberOf(one.id))}?inventory_item_id=${numberOf(item.id)}`;
        tell(shop, level ? "inventory_levels/update" : "inventory_levels/connect", {
          ...pair,
          admin_graphql_api_id: id,
        });
      },
      newOrder() {
        const order = create(shop, "Order", { name: text(), customer: pick(all(shop, "Customer")) ?? null });
        tell(shop, "orders/create", payload(order));
      },
      editOrder() {
        const order = pick(all(shop, "Order"));
        if (!order) return actions["newOrder"]?.();
        update(shop, order, { note: text() });
        tell(shop, "orders/updated", payload(order));
      },
      refund() {
        const order = pick(all(shop, "Order"));
        if (!order) return actions["newOrder"]?.();
        const refund = create(shop, "Refund", { order, note: text() });
        update(shop, order);
        tell(shop, "refunds/create", payload(refund, { order_id: raw(numberOf(order.id)) }));
        tell(shop, "orders/updated", payload(order));
      },
      sendBack() {
        const order = pick(all(shop, "Order"));
        if (!order) return actions["newOrder"]?.();
        const open = all(shop, "Return").find((one) => one["order"] === order && one["status"] === "OPEN");
        if (open) update(shop, open, { status: "CLOSED", closedAt: time() });
        const one = open ?? create(shop, "Return", { order, status: "OPEN", name: text() });
        update(shop, order);
        tell(shop, open ? "returns/close" : "returns/request", {
          ...payload(one),
          updated_at: undefined,
          order_id: raw(numberOf(order.id)),
        });
      },
      endOrder() {
        const order = pick(all(shop, "Order"));
        if (!order) return;
        for (const one of [...all(shop, "Refund"), ...all(shop, "Return")]) {
          if (one["order"] === order) shop.things.delete(one.id);
        }
        remove(shop, order);
        tell(shop, "orders/delete", { id: raw(numberOf(order.id)) });
      },
      customer() {
        const customer = pick(all(shop, "Customer"));
        const choice = random();
        if (!customer || choice < 0.4)
          tell(shop, "customers/create", payload(create(shop, "Customer", { firstName: text() })));
        else if (choice < 0.8) {
          update(shop, customer, { note: text() });
          tell(shop, "customers/update", payload(customer));
        } else {
          for (const order of all(shop, "Order")) if (order["customer"] === customer) order["customer"] = null;
          remove(shop, customer);
          tell(shop, "customers/delete", { id: raw(numberOf(customer.id)), admin_graphql_api_id: customer.id });
        }
      },
      metaobject() {
        const one = pick(all(shop, "Metaobject"));
        const choice = random();
        const said = (thing: Thing) => ({ id: thing.id, type: thing["type"] });
        if (!one || choice < 0.4) {
          const type = random() < 0.5 ? "recipe" : "author";
          tell(shop, "metaobjects/create", said(create(shop, "Metaobject", { type, handle: text() })));
        } else if (choice < 0.8) {
          update(shop, one, { displayName: text() });
          tell(shop, "metaobjects/update", said(one));
        } else {
          shop.things.delete(one.id);
          tell(shop, "metaobjects/delete", said(one));
        }
      },
    };
    const names = Object.keys(actions);
    actions[names[Math.floor(random() * names.length)] ?? ""]?.();
  }

  async function fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const shop = shops.get(url.hostname);
    if (!shop || url.pathname !== "/admin/api/2026-10/graphql.json" || request.method !== "POST")
      return new Response("{}", { status: 404 });
    if (!open || request.headers.get("x-shopify-access-token") !== TOKEN)
      return Response.json({ errors: "[API] Invalid API key" }, { status: 401 });
    const { query, variables } = (await request.json()) as { query: string; variables: Args };
    return Response.json(answer(shop, query, variables));
  }

  function answer(shop: Shop, query: string, variables: Args): unknown {
    const { document, errors } = check(query);
    if (errors.length > 0)
      return { errors: errors.map((message) => ({ message, extensions: { code: "undefinedField" } })) };
    if (Array.isArray(variables["ids"]) && variables["ids"].length > 250) return failed("MAX_INPUT_SIZE_EXCEEDED");
    // A mutation costs 10 (shopify.dev/docs/api/usage/limits).
    const cost = query.startsWith("mutation") ? 10 : costOf(query, variables);
    if (cost > POINTS) return failed("MAX_COST_EXCEEDED");
    const { bucket } = shop;
    bucket.points = Math.min(bucket.size, bucket.points + ((now() - bucket.at) / 1_000) * bucket.rate);
    bucket.at = now();
    const status = () => ({
      cost: {
        requestedQueryCost: cost,
        throttleStatus: {
          maximumAvailable: bucket.size,
          currentlyAvailable: Math.floor(bucket.points),
          restoreRate: bucket.rate,
        },
      },
    });
    if (cost > bucket.points) return { ...failed("THROTTLED"), extensions: status() };
    const rootValue = rootOf(shop);
    const result = execute({
      schema: schema(),
      document,
      rootValue,
      variableValues: variables,
      fieldResolver: resolve,
    });
    // What was asked for and is not there is given back.
    bucket.points -= Math.min(cost, objectsIn((result as { data?: unknown }).data));
    return { ...result, extensions: status() };
  }

  function rootOf(shop: Shop) {
    const list = (object: string) => (args: Args) => connection(shown(shop, object), args);
    const one = (id: unknown) => shown(shop).find((thing) => thing.id === id) ?? null;
    return {
      shop: { __typename: "Shop", id: gid("Shop", "1"), myshopifyDomain: shop.domain },
      currentAppInstallation: { accessScopes: shop.granted.map((handle) => ({ handle })) },
      nodes: ({ ids }: { ids: string[] }) => ids.map(one),
      node: ({ id }: Args) => one(id),
      inventoryItem: ({ id }: Args) => one(id),
      products: list("Product"),
      productVariants: list("ProductVariant"),
      orders: list("Order"),
      customers: list("Customer"),
      inventoryItems: list("InventoryItem"),
      locations: list("Location"),
      metaobjectDefinitions: list("MetaobjectDefinition"),
      metaobjects: (args: Args) =>
        connection(
          shown(shop, "Metaobject").filter(({ type }) => type === args["type"]),
          args,
        ),
      events: (args: Args) => connection(shop.events, args),
      webhookSubscriptions: (args: Args) => connection(shop.hooks, args),
      webhookSubscriptionCreate: ({ topic, webhookSubscription: input }: Args) => subscribe(shop, topic, input as Args),
      webhookSubscriptionUpdate({ id, webhookSubscription: input }: Args) {
        Object.assign(shop.hooks.find((hook) => hook.id === id) ?? {}, input);
        return { userErrors: [] };
      },
    };
  }

  /** What the app may see, with what each holds. */
  function shown(shop: Shop, object?: string): Thing[] {
    const age = (thing: Thing) => now() - Date.parse(thing.createdAt);
    const orderOf = (thing: Thing) => (thing.__typename === "Order" ? thing : (thing["order"] as Thing | undefined));
    const tooOld = (thing?: Thing) => thing !== undefined && age(thing) > 60 * 86_400_000;
    const everything = shop.granted.includes("read_all_orders");
    const isShown = (thing: Thing) => {
      return (object === undefined || thing.__typename === object) && (everything || !tooOld(orderOf(thing)));
    };
    const of = (name: string, key: string, holder: Thing) => all(shop, name).filter((one) => one[key] === holder);
    return [...shop.things.values()].filter(isShown).map((thing) => ({
      ...thing,
      ...(thing.__typename === "Order" && {
        refunds: () => of("Refund", "order", thing),
        returns: (args: Args) => connection(of("Return", "order", thing), args),
      }),
      ...(thing.__typename === "InventoryItem" && {
        inventoryLevels: (args: Args) => connection(of("InventoryLevel", "item", thing), args),
        inventoryLevel: ({ locationId }: Args) =>
          of("InventoryLevel", "item", thing).find((level) => (level["location"] as Thing).id === locationId) ?? null,
      }),
    }));
  }

  return {
    fetch,
    write,
    create,
    update,
    remove,
    shop: (domain) => shops.get(domain) as Shop,
    access(allowed) {
      open = allowed;
    },
    sent() {
      const sent = deliveries;
      deliveries = [];
      return sent.map(({ topic, shop, body, id }) =>
        delivery(topic, shop.domain, body, secret, { "x-shopify-webhook-id": id }),
      );
    },
    *truth(): Iterable<Truth> {
      const types = {
        Product: "product",
        ProductVariant: "product_variant",
        Order: "order",
        Refund: "refund",
        Return: "return",
        Customer: "customer",
        Metaobject: "metaobject",
      };
      for (const shop of shops.values()) {
        for (const thing of shop.things.values()) {
          const type = types[thing.__typename as keyof typeof types];
          const [item, location] = [thing["item"] as Thing | undefined, thing["location"] as Thing | undefined];
          if (type) yield { type, scope: shop.domain, id: thing.id };
          else if (item && location)
            yield { type: "inventory_level", scope: shop.domain, id: `${numberOf(item.id)}/${numberOf(location.id)}` };
        }
      }
    },
  };
}

const objectsIn = (value: unknown): number =>
  typeof value === "object" && value !== null
    ? Object.values(value).reduce((sum: number, one) => sum + objectsIn(one), 1)
    : 0;

const failed = (code: string) => ({ errors: [{ message: code.toLowerCase(), extensions: { code } }] });

/** A page: filtered, in the order of ids, up to 25,000. What a filter says that is not understood is left out. */
export function connection(things: readonly Thing[], { first, after, query }: Args) {
  if (typeof first !== "number" || first < 1 || first > 250) throw new RangeError("first must be 1 to 250");
  const tests = String(query ?? "")
    .split(" AND ")
    .map(testOf);
  const found = things.filter((thing) => tests.every((test) => test(thing)));
  const sorted = found.toSorted((a, b) => (BigInt(numberOf(a.id)) < BigInt(numberOf(b.id)) ? -1 : 1)).slice(0, WINDOW);
  const begin =
    typeof after === "string" ? sorted.findIndex(({ id }) => BigInt(numberOf(id)) > BigInt(atob(after))) : 0;
  const nodes = begin < 0 ? [] : sorted.slice(begin, begin + first);
  const end = nodes.at(-1);
  const hasNextPage = end !== undefined && end !== sorted.at(-1);
  return { nodes, pageInfo: { hasNextPage, endCursor: end ? btoa(numberOf(end.id)) : null } };
}

function testOf(term: string): (thing: Thing) => boolean {
  const [, key = "", operator = "", value = ""] = /^(\w+):(>=|>|)'?([^']*)'?$/.exec(term) ?? [];
  if (key === "id" && operator === ">") return ({ id }) => BigInt(numberOf(id)) > BigInt(value);
  // By the day where it is not quoted, and always so for customers.
  if (key === "updated_at" || key === "created_at") {
    const field = key === "updated_at" ? "updatedAt" : "createdAt";
    const from = (thing: Thing) =>
      thing.__typename === "Customer" || !term.includes("'") ? value.slice(0, 10) : value;
    return (thing) => Date.parse(thing[field]) >= Date.parse(from(thing));
  }
  if (key === "action") return ({ action }) => action === value;
  if (key === "subject_type") return ({ subjectType }) => subjectType === value;
  return () => true;
}

/** What a thing has, or something of the kind that the schema says. */
const resolve: GraphQLFieldResolver<unknown, unknown> = (source, args, context, info) => {
  const has = (source as Args)[info.fieldName];
  if (typeof has === "function") return has.call(source, args, context, info);
  if (has !== undefined) return has;
  return isNonNullType(info.returnType) ? somethingOf(getNullableType(info.returnType)) : null;
};

function somethingOf(type: ReturnType<typeof getNullableType>): unknown {
  if (isListType(type)) return [];
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[0]?.value;
  if (isUnionType(named)) return { __typename: named.getTypes()[0]?.name };
  if (isObjectType(named)) return named.getFields()["id"] ? { id: gid(named.name, "1") } : {};
  return { Boolean: false, Int: 0, Float: 0 }[named?.name ?? ""] ?? "2026-01-01T00:00:00Z";
}
