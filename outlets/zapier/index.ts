/**
 * `tidemark/outlets/zapier`: triggers of a Zapier app. REST hooks, which Zapier turns on and off, and polls with the newest first.
 *
 * Sources: docs.zapier.com/integrations/build/cli-hook-trigger (subscribe, unsubscribe, 410), …/build/deduplication (`id`, the
 * newest first), …/build/operating-constraints (10 MB a webhook, 30 a second, 429).
 * @module
 */
import type { Change, ChangeOf, Providers, Sync, Time } from "tidemark";
import { systemTime } from "tidemark/outlet";
import { type AnswerOptions, createAnswers } from "./handler.ts";
import { type HookOptions, openHooks } from "./hooks.ts";
import { plain } from "./item.ts";

export type { ZapierGrant } from "./handler.ts";
export type { ZapierHook, ZapierHooks } from "./hooks.ts";
export type { ZapierItem } from "./item.ts";

/** The options of {@link zapier}. */
export interface ZapierOptions<C = Change>
  extends Omit<HookOptions<C>, "name" | "time" | "data">,
    Pick<AnswerOptions<C>, "authorize"> {
  /** The name of the subscription that looks after the hooks; each hook's is `name/id`. Default `"zapier"`. */
  name?: string;
  /** What all paths begin with, as in `"/zapier"`. Default: nothing. */
  base?: string;
  /** Hosts that hooks may lead to. Default `["hooks.zapier.com"]`. */
  hosts?: readonly string[];
  /** What is said of a change, beside its id, event, type, scope and time. Undefined: it is left out. Default: `before`, `after`. */
  data?(change: C): unknown;
  /** Default the machine's. */
  time?: Time;
}

/**
 * Opens the hooks that there are, and gives the handler that Zapier's requests go to.
 *
 * ```ts
 * const zap = await zapier(sync, { base: "/zapier", hooks: table, authorize: (request) => accountOf(request) });
 * app.all("/zapier/*", (c) => zap(c.req.raw));
 * ```
 * Each hook is a subscription: some hundred are well. Rejects if the list of hooks cannot be had.
 * @throws TypeError for an option that is wrong
 */
export async function zapier<P extends Providers, Handle>(
  sync: Sync<P, Handle>,
  options: ZapierOptions<ChangeOf<P>>,
): Promise<(request: Request) => Promise<Response>> {
  const {
    name = "zapier",
    base = "",
    hosts = ["hooks.zapier.com"],
    time = systemTime,
    authorize,
    data = plain,
  } = options;
  if (!/^(\/[\w.~-]+)*$/.test(base))
    throw new TypeError('zapier: base must be like "/zapier", with no slash at its end');
  if (typeof authorize !== "function") throw new TypeError("zapier: authorize(request) must say who may see what");
  for (const member of ["list", "add", "remove"] as const) {
    if (typeof options.hooks?.[member] !== "function") throw new TypeError(`zapier: hooks must have ${member}`);
  }
  const hooks = openHooks(sync, { ...options, name, time, data } as never);
  await hooks.look();
  hooks.watch();
  return createAnswers(sync, hooks, {
    authorize,
    base,
    hosts,
    allowHttp: options.allowHttp ?? false,
    data: data as never,
  });
}
