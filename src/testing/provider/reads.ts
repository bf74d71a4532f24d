/**
 * Checks of what a provider reads: ids lead back, and what came is what was asked for.
 * @module
 */
import assert from "node:assert/strict";
import type { Api, Samples } from "../samples.ts";
import { deleted, lost } from "./absence.ts";
import { type Check, nobody, secretOf } from "./check.ts";
import { listed } from "./lists.ts";
import { isState, openService, printOf, resourceOf, type Service, someOf, stateOf } from "./service.ts";
import { declared, versioned } from "./versions.ts";

/** The checks of what a provider reads. */
export function readChecks(samples: Samples, api: Api): Check[] {
  const open = () => openService(samples, api);
  const { resources, probe } = samples.provider({ secrets: secretOf(samples), fetch: nobody });
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

/** The simulated worlds are built on it. */
async function alike(one: Service, other: Service): Promise<void> {
  const [there, too] = await Promise.all([contentsOf(one), contentsOf(other)]).catch((cause: unknown) => {
    if (one.asked.length > 0) throw cause;
    throw new Error("the provider asked nothing: have it ask by the `fetch` that it is given", { cause });
  });
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
