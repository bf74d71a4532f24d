/**
 * The page as a whole: who may see it, then its frame and the view that the address names.
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import { get, onRefused } from "./api.ts";
import { AppProvider } from "./app.ts";
import { Frame } from "./frame.tsx";
import { useAsked, useNow, useRoute } from "./hooks.ts";
import { Trouble, Waiting } from "./parts/bits.tsx";
import { SignIn } from "./signin.tsx";
import { viewOf } from "./views.tsx";
import type { About, Health } from "./wire.ts";

/** Milliseconds between two looks at how it is: half a megabyte, where there are a thousand scopes, is asked for less often. */
const EVERY = 4_000;
const SELDOM = 15_000;
const MANY = 500;

export function Page() {
  const [refused, setRefused] = useState<{ token: boolean }>();
  // Several are refused at once: with the first one the token is gone.
  useEffect(() => onRefused((given) => setRefused((known) => known ?? given)), []);
  if (refused) return <SignIn again={refused.token} enter={() => setRefused(undefined)} />;
  return <Inspector />;
}

function Inspector() {
  const about = useAsked<About>("about", (signal) => get(["about"], {}, signal), 60_000);
  const [types, setTypes] = useState(0);
  const look = async (signal: AbortSignal) => {
    const health = await get<Health>(["health"], {}, signal);
    setTypes(health.types.length);
    return health;
  };
  const health = useAsked<Health>("health", look, types > MANY ? SELDOM : EVERY);
  const now = useNow();
  const route = useRoute();
  if (!about.value) {
    return <main class="alone">{about.error === undefined ? <Waiting /> : <Trouble error={about.error} />}</main>;
  }
  const { again, value } = health;
  return (
    <AppProvider value={{ about: about.value, health: value, now, again }}>
      <Frame route={route} error={health.error}>
        {viewOf(route)}
      </Frame>
    </AppProvider>
  );
}
