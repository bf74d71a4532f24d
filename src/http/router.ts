/**
 * Which route a request is for. Pure.
 * @module
 */

/** `"GET /resources/:type/:id"`: what begins with a colon stands for any part that is not empty. */
export type Pattern = `${"GET" | "POST"} /${string}`;

export type Found<Route> =
  | { route: Route; params: Readonly<Record<string, string>> }
  /** There is such a path, but for these methods. */
  | { allow: readonly string[] };

/** @param parts of the path, decoded */
export type Find<Route> = (method: string, parts: readonly string[]) => Found<Route> | undefined;

export function createRouter<Route>(routes: Readonly<Record<Pattern, Route>>): Find<Route> {
  const known = Object.entries<Route>(routes).map(([pattern, route]) => {
    const [method = "", path = ""] = pattern.split(" ");
    return { methods: method === "GET" ? ["GET", "HEAD"] : [method], names: path.slice(1).split("/"), route };
  });
  return (method, parts) => {
    const here = known.flatMap(({ methods, names, route }) => {
      const params = paramsOf(names, parts);
      return params ? [{ methods, found: { route, params } }] : [];
    });
    const fit = here.find(({ methods }) => methods.includes(method));
    if (fit) return fit.found;
    return here.length > 0 ? { allow: here.flatMap(({ methods }) => methods) } : undefined;
  };
}

/** Undefined: the path is another one. */
function paramsOf(names: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (names.length !== parts.length) return undefined;
  const fits = names.every((name, i) => (name.startsWith(":") ? parts[i] !== "" : name === parts[i]));
  if (!fits) return undefined;
  return Object.fromEntries(
    names.flatMap((name, i) => (name.startsWith(":") ? [[name.slice(1), parts[i] ?? ""]] : [])),
  );
}
