/** An application's own tables in the same file, written in the transaction of each change: exactly once, through it all. */
import { DatabaseSync } from "node:sqlite";
import type { Change } from "tidemark";
import type { Service, State } from "./service.ts";

const TABLES = `
  create table if not exists mirror (type text, scope text, id text, rev integer, primary key (type, scope, id)) strict;
  create table if not exists mirrored (one integer primary key, position integer not null) strict;
`;

/** Writes a change. @throws Error if it is not the one that comes after the last: then it was left out, or came twice */
export function mirrorChange({ cursor, type, scope, id, after }: Change<string, State>, db: DatabaseSync): void {
  db.exec(TABLES);
  const position = Number(cursor.split(".")[1]);
  const last = Number(db.prepare("select position from mirrored").get()?.["position"] ?? 0);
  if (position !== last + 1) throw new Error(`the mirror was told position ${position} after ${last}`);
  db.prepare("insert or replace into mirrored values (1, ?)").run(position);
  if (after === null) db.prepare("delete from mirror where type = ? and scope = ? and id = ?").run(type, scope, id);
  else db.prepare("insert or replace into mirror values (?, ?, ?, ?)").run(type, scope, id, after.rev);
}

/** What is wrong in the mirror, a sentence each, once nothing is under way. */
export function differences(file: string, services: readonly Service[]): string[] {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare("select type || '/' || scope || '/' || id as key, rev from mirror").all();
  db.close();
  const known = new Map(rows.map(({ key, rev }) => [key, rev]));
  return services.flatMap((service) =>
    [...service.scopes].flatMap((scope) =>
      service.ids.flatMap((id) => {
        const key = `${service.name}.note/${scope}/${id}`;
        const [is, told] = [service.history(scope, id).at(-1)?.state?.rev, known.get(key)];
        return is === told ? [] : [`${key} is ${is ?? "gone"}, and ${told ?? "gone"} in the mirror`];
      }),
    ),
  );
}
