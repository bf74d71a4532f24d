/** The way of a webhook: lost, sent twice, late and so out of order, sent again, and sometimes forged. */
import type { Hint } from "tidemark";
import type { Ref } from "../../row.ts";
import type { Random } from "../random.ts";
import type { VirtualTime } from "../time.ts";
import type { Conditions } from "./conditions.ts";
import type { Tell } from "./events.ts";
import { type Hooks, SIGNATURE } from "./hooks.ts";
import { eventOf } from "./provider.ts";
import type { Weather } from "./request.ts";
import type { Standing } from "./service.ts";

/** Posts to a process. Answers the status; undefined if nobody answers. */
export type Post = (provider: string, body: unknown, signature: string) => Promise<number | undefined>;

/** Between two tries of a sender: so much longer after each. */
const AGAIN = 5_000;
const TRIES = 6;

/** Answers how a state is told of by webhooks. */
export function createNetwork(
  {
    conditions,
    weather,
    time,
    random,
    hooks,
  }: { conditions: Conditions; weather: Weather; time: VirtualTime; random: Random; hooks: Hooks },
  post: Post,
  tell: Tell,
): (ref: Ref, place: number, standing: Standing) => void {
  const { int, chance } = random;

  async function send(provider: string, hint: Hint, signature: string, tries: number): Promise<void> {
    const status = await post(provider, hint, signature);
    tell({ kind: "webhook", provider, hint, status });
    if (status === 202 || !conditions.hintRetry || (tries >= TRIES && conditions.listed)) return;
    time.after(AGAIN * (tries + 1), () => void send(provider, hint, signature, tries + 1));
  }

  return (ref, place, { state, version }) => {
    const dot = ref.type.indexOf(".");
    const provider = ref.type.slice(0, dot);
    const hint: Hint = {
      ...{ type: ref.type.slice(dot + 1), id: ref.id, scope: ref.scope },
      ...(conditions.hintVersions && state !== null && version !== null && { version }),
      ...(conditions.hintEvents && { event: eventOf(ref, place) }),
    };
    if (!weather.calm && chance(conditions.forged)) void post(provider, hint, "forged");
    if (weather.away.has(ref.scope) || (!weather.calm && chance(conditions.drop))) return;
    const type = ref.type.slice(dot + 1);
    const signatures = conditions.hooks ? hooks.signatures(provider, type, ref.scope) : [SIGNATURE];
    const copies = 1 + (!weather.calm && chance(conditions.duplicate) ? int(1, 2) : 0);
    for (const signature of signatures) {
      for (let i = 0; i < copies; i++)
        time.after(int(0, conditions.hintDelay), () => void send(provider, hint, signature, 0));
    }
  };
}
