/**
 * What views are made of: the address, the time, and what is asked for again and again.
 * @module
 */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Route, routeOf } from "./route.ts";

/** The view that the address names. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const read = () => setRoute(routeOf(location.hash));
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  return route;
}

/** Milliseconds since 1970, anew each second: ages grow while one looks at them. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** What was asked for: its last answer, and why there is none since. */
export interface Asked<T> {
  value: T | undefined;
  error: string | undefined;
  /** Asks now. */
  again(): void;
}

/**
 * Asks now, whenever `key` changes, and every `ms` milliseconds while the page can be seen. An answer to an earlier key is
 * never shown.
 */
export function useAsked<T>(key: string, load: (signal: AbortSignal) => Promise<T>, ms: number): Asked<T> {
  const [answer, setAnswer] = useState<{ key: string; value?: T; error?: string }>({ key });
  const current = useRef(load);
  current.current = load;
  const ask = useRef(() => {});
  useEffect(() => {
    const controller = new AbortController();
    let underWay = false;
    let wanted = false;
    const run = async () => {
      wanted = underWay;
      if (underWay) return;
      underWay = true;
      try {
        const value = await current.current(controller.signal);
        if (!controller.signal.aborted) setAnswer({ key, value });
      } catch (error) {
        if (controller.signal.aborted) return;
        const said = error instanceof Error ? error.message : String(error);
        setAnswer((last) => ({ ...(last.key === key ? last : { key }), error: said }));
      } finally {
        underWay = false;
        if (wanted && !controller.signal.aborted) void run();
      }
    };
    const look = () => {
      if (document.visibilityState === "visible") void run();
    };
    ask.current = () => void run();
    void run();
    const timer = setInterval(look, ms);
    document.addEventListener("visibilitychange", look);
    return () => {
      controller.abort();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [key, ms]);
  const again = useCallback(() => ask.current(), []);
  const fresh = answer.key === key;
  return { value: fresh ? answer.value : undefined, error: fresh ? answer.error : undefined, again };
}
