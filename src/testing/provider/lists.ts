/**
 * Checks of lists: they have all there is, and what they show is what `fetch` gives.
 * @module
 */
import assert from "node:assert/strict";
import { pagesOf } from "./operations.ts";
import { printOf, resourceOf, type Service, scopesOf, stateOf } from "./service.ts";

export async function listed(service: Service): Promise<void> {
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
