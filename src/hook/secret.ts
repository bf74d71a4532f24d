/**
 * A secret that a service has made: the application keeps it where its provider reads it, or the hook is not right. It is
 * in memory until then, and nowhere else.
 * @module
 */

import type { Engine } from "../engine.ts";
import { CallTimeout, describe } from "../errors.ts";
import { SCOPES, SLOT, type Slot } from "../loss/hour.ts";
import { DEADLINE } from "../work/call.ts";
import type { Setup } from "./hooks.ts";
import { hookName, type KnownHook } from "./known.ts";
import { readSlots } from "./slots.ts";

/** Whose secret. */
interface Whose {
  provider: string;
  scope: string;
  setup: Setup;
}

/** Milliseconds until it is tried again to have a secret kept: when the hook is looked at. */
const AGAIN = 60_000;

/** Has a secret kept. Throws what the application throws; then it is tried again at the next look. */
export async function keepSecret(engine: Engine, { provider, scope, setup: { keep } }: Whose, secret: string) {
  const { secrets } = engine.hooks;
  const name = hookName(provider, scope);
  secrets.set(name, secret);
  await within(engine, async () => keep?.(secret, scope));
  secrets.delete(name);
}

/** Gives up when it takes too long, or the engine stops: the hook is held meanwhile. */
function within({ time, stopping }: Engine, run: () => Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = () =>
      reject(new CallTimeout(`keep did not end within ${DEADLINE / 1_000} s, or before the engine stopped`));
    const cancel = time.after(DEADLINE, give);
    stopping.addEventListener("abort", give);
    const end = () => {
      cancel();
      stopping.removeEventListener("abort", give);
    };
    run()
      .then(() => resolve(), reject)
      .finally(end);
  });
}

/** The hook, when a secret that waits was kept after all, or a webhook came that was signed with it. */
export async function keepAgain(engine: Engine, whose: Whose, hook: KnownHook): Promise<KnownHook> {
  const { provider, scope } = whose;
  const secret = engine.hooks.secrets.get(hookName(provider, scope));
  if (secret === undefined) {
    const proven = hook.unkept && (await isHeard(engine, whose, hook.repaired ?? 0));
    return proven ? { ...hook, unkept: false } : hook;
  }
  try {
    await keepSecret(engine, whose, secret);
    return { ...hook, unkept: false };
  } catch (error) {
    if (engine.stopping.aborted) throw error;
    const what = "keeping the secret of a hook";
    engine.emit({ kind: "failed", what, provider, scope, error: describe(error), ms: AGAIN });
    return hook;
  }
}

/** Whether a webhook of what the hook serves was believed in a slot that began after this tick. */
async function isHeard(engine: Engine, { provider, scope }: Whose, since: number): Promise<boolean> {
  const slots = await readSlots(engine, provider, 0);
  const isOurs = (one: string) => engine.hooks.isShared(provider, scope, one);
  return [...slots].some(([slot, counted]) => slot * SLOT > since / 1_000 && hasHeard(counted, isOurs));
}

/** Another hook of the provider signs with another secret. What is of no scope with a name is what the others leave of all. */
function hasHeard({ types, scopes }: Slot, isOurs: (scope: string) => boolean): boolean {
  if (scopes.some(([, scope, { heard = 0 }]) => heard > 0 && isOurs(scope))) return true;
  const all = Object.values(types).reduce((sum, { counts: { heard = 0 } }) => sum + heard, 0);
  const others = scopes.reduce((sum, [, , { heard = 0 }]) => sum + heard, 0);
  return isOurs("") && scopes.length < SCOPES && all > others;
}
