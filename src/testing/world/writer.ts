/** The test's hand in the services: what it writes, deletes and asks, by the names of the stream. */
import type { Providers, TypeOf } from "tidemark";
import type { Ref } from "../../row.ts";
import type { Conditions } from "./conditions.ts";
import type { Tell } from "./events.ts";
import { parentOf, type Service, type Standing } from "./service.ts";
import type { World } from "./world.ts";

interface Given {
  service: Service;
  conditions: Conditions;
  types: readonly string[];
  scopes: readonly string[];
  /** The parent's type of those that are listed within another. */
  within: ReadonlyMap<string, string | undefined>;
}
type Announce = (ref: Ref, place: number, standing: Standing) => void;
export type Writer<P extends Providers> = Pick<World<P>, "write" | "delete" | "truth" | "history">;

export function createWriter<P extends Providers>(given: Given, announce: Announce, tell: Tell): Writer<P> {
  const { service, conditions, types, scopes, within } = given;

  const locate = (type: string, id: string, scope: string): Ref => {
    if (!types.includes(type)) throw new TypeError(`"${type}" is none of the world's types: ${types.join(", ")}`);
    if (!scopes.includes(scope)) throw new TypeError(`"${scope}" is none of the world's scopes: ${scopes.join(", ")}`);
    return { type, scope, id };
  };
  const parentRef = ({ type, scope, id }: Ref): Ref | undefined => {
    const parent = within.get(type);
    return parent === undefined ? undefined : { type: parent, scope, id: parentOf(id) };
  };
  const tellOf = (ref: Ref, { version, state }: Standing) =>
    tell({ kind: "written", ...ref, version, deleted: state === null });
  /** What is within a resource goes in the moment in which that goes. */
  const cascade = ({ type, scope, id }: Ref): void => {
    if (!conditions.cascade) return;
    const inside = [...within].filter(([, parent]) => parent === type);
    for (const part of inside.flatMap(([child]) => service.all(child, scope))) {
      if (parentOf(part.id) === id && service.remove(part) !== undefined) tellOf(part, service.newest(part));
    }
  };

  return {
    write(type, id, state, { scope = "", webhook = true, ...stamp } = {}) {
      const ref = locate(type, id, scope);
      const parent = parentRef(ref);
      if (parent && service.newest(parent).state === null) {
        throw new TypeError(
          `${type} ${id}: there is no ${parent.type} "${parent.id}" that it could be within: write it first`,
        );
      }
      const place = service.write(ref, asJson(type, id, state), stamp);
      const standing = service.newest(ref);
      tellOf(ref, standing);
      if (webhook) announce(ref, place, standing);
    },
    delete(type, id, { scope = "", webhook = true } = {}) {
      const ref = locate(type, id, scope);
      const place = service.remove(ref);
      if (place === undefined) return;
      const standing = service.newest(ref);
      tellOf(ref, standing);
      cascade(ref);
      if (webhook) announce(ref, place, standing);
    },
    truth<T extends TypeOf<P>>(type: T, { scope = "" } = {}) {
      locate(type, "", scope);
      const states = service.all(type, scope).map((ref) => [ref.id, service.newest(ref).state] as const);
      return new Map(structuredClone(states.filter(([, state]) => state !== null))) as ReturnType<World<P>["truth"]>;
    },
    history: (type, id, { scope = "" } = {}) => service.history(locate(type, id, scope)) as never,
  };
}

/** The state as an API would give it. */
function asJson(type: string, id: string, state: unknown): object {
  const json: unknown = JSON.parse(JSON.stringify(state) ?? "null");
  if (typeof json === "object" && json !== null && !Array.isArray(json) && id !== "") return json;
  throw new TypeError(`${type} "${id}": write an object under an id; delete what is to be gone`);
}
