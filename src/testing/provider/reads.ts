/**
 * Checks of reads: what is listed is what is fetched, ids lead back, versions never fall, and an absence is one.
 * @module
 */
import assert from "node:assert/strict";
import { createSync } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { compilePaths, fingerprint } from "../../canonical.ts";
import { AccessLost } from "../../errors.ts";
import { type Gone, gone, type Resource } from "../../provider.ts";
import type { Api, Samples, Truth } from "../samples.ts";
import { type Check, nameOf } from "./check.ts";
import { openService, pagesOf, resourceOf, type Service, scopesOf, someOf } from "./service.ts";

/** Writes until something must have been deleted. */
const PATIENCE = 2_000;
/** Writes whose versions are looked at. */
const VERSIONED = 100;

/** The checks of what a provider reads. */
export function readChecks(samples: Samples, api: Api): Check[] {
  const open = () => openService(samples, api);
  const { resources, probe } = samples.provider({ secrets: samples.webhooks?.secrets[0] ?? "a secret", fetch });
  const types = Object.values(resources);
  const checks: Check[] = [
    { promise: "each type declares a version or how far its reads may be behind", run: () => declared(samples) },
    {
      promise: "two emulators that are told the same have the same, and it can be fetched",
      run: async () => alike(await open(), await open()),
    },
    { promise: "what is fetched has the id by which it was fetched", run: async () => roundTrip(await open()) },
    { promise: "an answer that is another resource's is not believed", run: async () => exchanged(await open()) },
    { promise: "an id that there never was is no resource", run: async () => unknown(await open()) },
    { promise: "lost access is told: nothing is gone, and no list is empty", run: async () => lost(await open()) },
  ];
  if (types.some(({ list, within }) => list || within)) {
    checks.push({
      promise: "a list has all there is, its items are what fetch gives, its refs lead there",
      run: async () => listed(await open()),
    });
  }
  if (types.some(({ version }) => version)) {
    checks.push({
      promise: "a version never falls, and a strict one rises with every change",
      run: async () => versioned(await open()),
    });
  }
  if (types.some(({ fetchMany }) => fetchMany)) {
    checks.push({
      promise: "what is fetched together is what is fetched alone",
      run: async () => together(await open()),
    });
  }
  if (api.deletes !== false) {
    const proven = probe || types.some(({ list }) => list) ? ", and access to its type is there" : "";
    checks.push({ promise: `what was deleted is gone or not found${proven}`, run: async () => deleted(await open()) });
  }
  return checks;
}

/** A state as an engine compares it: without its volatile paths. */
export const printOf = ({ volatile = [] }: Resource<object>, state: object): string =>
  fingerprint(state, compilePaths(volatile)).print;

/** What `fetch` gives of something that is there. */
export async function stateOf(
  { provider, context }: Pick<Service, "provider" | "context">,
  one: Truth,
): Promise<object> {
  const state = await resourceOf(provider, one.type).fetch(one.id, context(one.scope));
  assert.ok(isState(state), `fetch of ${one.type} ${one.id} finds nothing, and the emulator has it`);
  return state;
}

const isState = (answer: object | null | Gone): answer is object => answer !== null && answer !== gone;

/** What `createSync` asks of a type, and that a version is a number. */
async function declared(samples: Samples): Promise<void> {
  const it = samples.provider({ secrets: samples.webhooks?.secrets[0] ?? "a secret", fetch });
  const store = sqlite(":memory:");
  createSync({ providers: { it }, store });
  await store.close();
  for (const [type, { version, readLag, versionKind, grain }] of Object.entries(it.resources)) {
    const [one, all] = [readLag?.fetch ?? 0, readLag?.list ?? 0];
    assert.ok(version || (readLag && Number.isFinite(one + all)), `${type}: declare a version or a finite readLag`);
    assert.ok(version || (!versionKind && grain === undefined), `${type}: versionKind and grain are of a version`);
  }
}

/** The simulated worlds are built on it. */
async function alike(one: Service, other: Service): Promise<void> {
  const [there, too] = await Promise.all([contentsOf(one), contentsOf(other)]);
  assert.deepEqual(too, there, "the emulator must depend on nothing but its now() and the random() of write()");
}

async function contentsOf(service: Service): Promise<string[]> {
  const all = service.truth().map(async (one) => {
    const print = printOf(resourceOf(service.provider, one.type), await stateOf(service, one));
    return JSON.stringify([one.type, one.scope, one.id, print]);
  });
  return (await Promise.all(all)).sort();
}

async function roundTrip(service: Service): Promise<void> {
  for (const one of service.truth()) {
    const resource = resourceOf(service.provider, one.type);
    const state = await stateOf(service, one);
    assert.equal(resource.id(state), one.id, `${one.type}: id() of what was fetched`);
    if (one.state)
      assert.equal(printOf(resource, state), printOf(resource, one.state), `${one.type} ${one.id}: its state`);
    service.clock.now += 1_000;
    const again = await stateOf(service, one);
    assert.equal(
      printOf(resource, again),
      printOf(resource, state),
      `${one.type} ${one.id} differs when it is read again: name what does in volatile`,
    );
  }
}

async function together(service: Service): Promise<void> {
  for (const [type, { fetchMany, id }] of Object.entries(service.provider.resources)) {
    const ones = service.truth().filter((one) => one.type === type);
    for (const [scope, some] of Map.groupBy(ones, (one) => one.scope)) {
      if (!fetchMany) continue;
      const ids = [...some.map((one) => one.id), "0"].reverse();
      const answers = await fetchMany(ids, service.context(scope));
      const found = answers.map((answer) => (isState(answer) ? id(answer) : null));
      assert.deepEqual(found, [null, ...ids.slice(1)], `fetchMany of ${type} must answer in the order of its ids`);
      for (const [i, one] of some.toReversed().entries()) {
        const answer = answers[i + 1] as object;
        const resource = resourceOf(service.provider, type);
        assert.equal(printOf(resource, answer), printOf(resource, await stateOf(service, one)), `fetchMany of ${type}`);
      }
    }
  }
}

/** Whether a resource was answered with what is another's. */
async function exchanged(service: Service): Promise<void> {
  const pairs = Map.groupBy(someOf(service, 2), ({ type }) => type).values();
  for (const [one, other] of pairs) {
    if (!one || !other || one.scope !== other.scope) continue;
    const answers: Response[] = [];
    service.interpose(async (request, ask) => {
      const response = await ask(request);
      answers.push(response.clone());
      return response;
    });
    await stateOf(service, other);
    // As many requests as the other's took: a cache between, or a proxy, has mixed up the answers.
    service.interpose(async (request, ask) => answers.shift() ?? ask(request));
    const resource = resourceOf(service.provider, one.type);
    const answer = await resource.fetch(one.id, service.context(one.scope, { fresh: true })).catch(() => null);
    service.interpose(undefined);
    const wrong = isState(answer) && resource.id(answer) !== one.id;
    assert.ok(!wrong, `fetch of ${one.type} gives what came, though it is another one: compare its id`);
  }
}

/** Texts that no service gives as an id; some of them lead elsewhere, if they are put into a path as they are. */
const STRANGE = [
  "0",
  "no-such-thing",
  "..",
  "../..",
  ".",
  "",
  "a/b",
  "?",
  "#",
  "%2e%2e%2f",
  "x?y=z",
  " ",
  "\u0000",
  "1 OR 1=1",
  "}{",
];

async function unknown(service: Service): Promise<void> {
  for (const { type, scope, id: known } of someOf(service)) {
    const { fetch, id } = resourceOf(service.provider, type);
    for (const strange of [
      ...STRANGE,
      `${known}/..`,
      `x/../${known}`,
      `${known}?`,
      `${known}#`,
      `./${known}`,
      `${known}/`,
    ]) {
      const answer = await fetch(strange, service.context(scope)).catch(() => null);
      const found = isState(answer) ? id(answer) : undefined;
      assert.ok(
        found === undefined || found === strange,
        `fetch of ${type} "${strange}" gives "${found}": encode ids in paths`,
      );
    }
  }
}

async function listed(service: Service): Promise<void> {
  const { provider } = service;
  const truth = service.truth();
  for (const [type, { list, within }] of Object.entries(provider.resources)) {
    for (const scope of await scopesOf(provider)) {
      const context = () => service.context(scope);
      const here = truth.filter((one) => one.scope === scope);
      const found = new Set<string>();
      if (list) await readPages(service, type, scope, found, (page) => list(page, context()));
      for (const parent of within ? here.filter((one) => one.type === within.type) : []) {
        const own = new Set<string>();
        await readPages(service, type, scope, own, (page) => within?.list(parent.id, page, context()) ?? assert.fail());
        for (const id of own) {
          assert.ok(
            id.startsWith(`${parent.id}/`),
            `${type} ${id} is listed within ${parent.id}: its id must begin so`,
          );
          found.add(id);
        }
      }
      const ids = here.filter((one) => one.type === type).map(({ id }) => id);
      if (list || within) assert.deepEqual([...found].sort(), ids.sort(), `the list of ${type} in "${scope}"`);
    }
  }
}

/** Reads a list to its end, and fetches what it names. */
async function readPages(
  service: Service,
  type: string,
  scope: string,
  found: Set<string>,
  list: Parameters<typeof pagesOf>[0],
): Promise<void> {
  const resource = resourceOf(service.provider, type);
  for (const { items, refs } of await pagesOf(list)) {
    for (const item of items ?? []) {
      const id = resource.id(item);
      const fetched = await stateOf(service, { type, scope, id });
      const same = printOf(resource, item) === printOf(resource, fetched);
      if (!same)
        assert.deepEqual(plain(item), plain(fetched), `${type} ${id}: items must be what fetch gives; else give refs`);
      found.add(id);
    }
    for (const { id, version } of refs ?? []) {
      const state = await stateOf(service, { type, scope, id });
      const own = resource.version?.(state);
      assert.ok(
        version === undefined || own === undefined || version <= own,
        `${type} ${id}: the list's version is above fetch's`,
      );
      found.add(id);
    }
  }
}

const plain = (state: object): unknown => JSON.parse(JSON.stringify(state));

async function versioned(service: Service): Promise<void> {
  const before = new Map<string, { version: number; print: string }>();
  for (let n = 0; n < VERSIONED; n++) {
    for (const one of service.truth()) {
      const resource = resourceOf(service.provider, one.type);
      if (!resource.version) continue;
      const key = JSON.stringify([one.type, one.scope, one.id]);
      const state = await stateOf(service, one);
      const version = resource.version(state);
      if (version === undefined) continue;
      assert.ok(Number.isFinite(version), `${one.type}: its version is ${version}: it must be a number`);
      const print = printOf(resource, state);
      const last = before.get(key);
      if (last) {
        assert.ok(
          version >= last.version,
          `${one.type} ${one.id}: its version fell from ${last.version} to ${version}`,
        );
        const rose = version > last.version || print === last.print;
        assert.ok(
          rose || resource.versionKind !== "strict",
          `${one.type} ${one.id} changed, and its strict version did not rise`,
        );
      }
      before.set(key, { version, print });
    }
    service.emulator.write(service.random);
    service.clock.now += 10_000;
  }
}

async function deleted(service: Service): Promise<void> {
  const keyOf = ({ type, scope, id }: Truth) => JSON.stringify([type, scope, id]);
  let there = service.truth();
  for (let n = 0; n < PATIENCE; n++) {
    service.emulator.write(service.random);
    service.clock.now += 1_000;
    const now = service.truth();
    const keys = new Set(now.map(keyOf));
    const missing = there.filter((one) => !keys.has(keyOf(one)));
    there = now;
    if (missing.length === 0) continue;
    for (const { type, scope, id } of missing) {
      const answer = await resourceOf(service.provider, type).fetch(id, service.context(scope));
      assert.ok(!isState(answer), `fetch of ${type} finds what was deleted: answer null, or gone if the API says so`);
      await readable(service, type, scope);
    }
    return;
  }
  assert.fail(`nothing was deleted in ${PATIENCE} writes: let write() delete, or give api.deletes = false`);
}

/** As the engine asks before it believes an absence. */
async function readable({ provider, context }: Pick<Service, "provider" | "context">, type: string, scope: string) {
  const { list } = resourceOf(provider, type);
  if (provider.probe) await provider.probe(type, context(scope, { fresh: true }));
  else await list?.(null, context(scope, { fresh: true }));
}

async function lost(service: Service): Promise<void> {
  const some = someOf(service);
  service.emulator.access(false);
  for (const one of some) await lostOne(service, one);
  service.emulator.access(true);
  for (const { type, scope } of some) await readable(service, type, scope);
}

async function lostOne(service: Service, { type, scope, id }: Truth): Promise<void> {
  const { fetch, list } = resourceOf(service.provider, type);
  const probed = await readable(service, type, scope).catch((error: unknown) => error);
  const how = probed === undefined ? "resolves" : nameOf(probed);
  assert.ok(probed instanceof AccessLost, `access to ${type} is lost, and its probe must throw AccessLost: it ${how}`);
  const answer = await fetch(id, service.context(scope, { fresh: true })).catch(() => null);
  assert.notEqual(answer, gone, `access to ${type} is lost, and fetch says gone: only the API itself may say that`);
  assert.ok(!isState(answer), `access to ${type} is lost, and fetch finds it: does the emulator refuse?`);
  const page = await list?.(null, service.context(scope, { fresh: true })).catch(() => undefined);
  assert.equal(page, undefined, `access to ${type} is lost, and its list answers: it must throw`);
}
