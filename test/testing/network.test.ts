/** The way to a service in a simulated world: what hangs when the world ends is answered. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, createVirtualTime, type Samples } from "tidemark/testing";
import { contextOf } from "../../src/testing/provider/check.ts";
import { createNetwork } from "../../src/testing/provider/network.ts";
import type { Replicated } from "../../src/testing/provider/replica.ts";
import { CALM } from "../../src/testing/provider/weather.ts";

const samples: Samples = {
  provider: ({ fetch }) => ({
    probe: async () => {},
    resources: { thing: { fetch: async (id) => (await fetch(`https://x/${id}`)).json(), id: ({ id }) => id } },
  }),
};

test("a request that hangs is answered when its world ends: no client with a time limit of its own keeps the process", async () => {
  const random = createRandom(1);
  const time = createVirtualTime({ random });
  const service = { readable: () => ({ fetch: async () => Response.json({ id: "1" }) }) } as unknown as Replicated;
  const { provider, end } = createNetwork(samples, service, time, random, () => ({ ...CALM, hung: 1 }));
  let answered = false;
  const asked = Promise.resolve(provider.resources["thing"]?.fetch("1", contextOf(""))).finally(() => {
    answered = true;
  });
  await time.run(time.now() + 10_000);
  assert.equal(answered, false);
  end();
  assert.deepEqual(await asked, { id: "1" });
});
