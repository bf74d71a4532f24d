/** What every provider's endpoint does about a hook at its service, whatever somebody did to it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, type Context, type Endpoint, type EndpointFault } from "tidemark";

export const URL_OF_HOOK = "https://app.example/webhooks/one";
export const OTHER_URL = "https://app.example/webhooks/two";

/** A service with a hook of somebody else's, and the provider for it. */
export interface HookWorld {
  endpoint: Endpoint | undefined;
  context: Context;
  /** Every hook there is, as the service keeps it, secrets and all. */
  hooks(): object[];
  access(allowed: boolean): void;
  /** What no message may hold. */
  secrets: readonly string[];
  /** What the application does with what `ensure` answers. */
  keep?(secret: string): void;
}

/** Something done to the hook, and what is said of it. */
export interface Trouble<World extends HookWorld> {
  fault: EndpointFault;
  problem: RegExp;
  cause(world: World): void;
}

/** Somebody deleted the hook; another one, of somebody else's, is there. */
export const deleted: Trouble<HookWorld> = {
  fault: "elsewhere",
  problem: /none .* has this URL/,
  cause: ({ hooks }) => void hooks().pop(),
};
/** Somebody changed its URL. */
export const moved: Trouble<HookWorld & { ours(): { url: string } }> = {
  fault: "elsewhere",
  problem: /others: 2/,
  cause: ({ ours }) => void Object.assign(ours(), { url: `${URL_OF_HOOK}/` }),
};

/** One test for each trouble: `check` names it, `ensure` mends it, and touches no other hook. */
export function testEndpoint<World extends HookWorld>(
  name: string,
  make: () => World,
  troubles: Readonly<Record<string, Trouble<NoInfer<World>>>>,
): void {
  test(`${name}: a hook is made once; asked again, nothing changes`, async () => {
    const world = make();
    const [theirs] = world.hooks();
    assert.ok(theirs);
    assert.equal(faultOf(await check(world)), "elsewhere");
    await ensure(world);
    assert.deepEqual(await check(world), { ok: true });
    const made = structuredClone(world.hooks());
    assert.equal(made.length, 2);
    await ensure(world);
    assert.deepEqual(world.hooks(), made);
    assert.deepEqual(world.hooks()[0], theirs);
  });

  for (const [what, { fault, problem, cause }] of Object.entries(troubles)) {
    test(`${name}: the hook is ${what}: that is told, and mended`, async () => {
      const world = make();
      await ensure(world);
      const [theirs] = structuredClone(world.hooks());
      cause(world);
      const broken = structuredClone(world.hooks());
      const answer = await check(world);
      assert.deepEqual(world.hooks(), broken, "to look changes nothing");
      assert.ok(!answer.ok, "nothing is said of it");
      assert.equal(answer.fault, fault);
      assert.match(answer.problem, problem);
      for (const secret of world.secrets) assert.ok(!answer.problem.includes(secret));
      await ensure(world);
      assert.deepEqual(await check(world), { ok: true });
      const mended = structuredClone(world.hooks());
      await ensure(world);
      assert.deepEqual(world.hooks(), mended);
      assert.deepEqual(mended[0], theirs);
    });
  }

  test(`${name}: without access to hooks each is lost access, and no message holds a secret`, async () => {
    const world = make();
    await ensure(world);
    world.access(false);
    const { endpoint, context } = world;
    const calls = [check(world), ensure(world), endpoint?.redeliver?.(URL_OF_HOOK, new Date(0), context)];
    for (const call of calls.filter((one) => one !== undefined)) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof AccessLost, String(error));
        for (const secret of world.secrets) assert.ok(!error.message.includes(secret));
        return true;
      });
    }
  });
}

const faultOf = (answer: Awaited<ReturnType<Endpoint["check"]>>) => (answer.ok ? undefined : answer.fault);
const check = ({ endpoint, context }: HookWorld) => there(endpoint).check(URL_OF_HOOK, context);

async function ensure({ endpoint, context, keep }: HookWorld): Promise<void> {
  const { secret } = await there(endpoint).ensure(URL_OF_HOOK, context);
  if (secret !== undefined) keep?.(secret);
}

function there(endpoint: Endpoint | undefined): Endpoint {
  assert.ok(endpoint, "there is no endpoint");
  return endpoint;
}
