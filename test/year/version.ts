/** A version of the project, loaded: this one, and the one before from the history of the repository. */
// First: the stores take the disk as it is.
import "./disk.ts";
import * as now from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { verifyStandardWebhook } from "tidemark/verify";
import { checkOut } from "../history.ts";

/** What the year needs of a version. */
export interface Version
  extends Pick<typeof now, "createSync" | "AccessLost" | "gone">,
    Pick<typeof import("tidemark/sqlite"), "sqlite">,
    Pick<typeof import("tidemark/verify"), "verifyStandardWebhook"> {
  name: "N" | "N-1";
}

/** A commit 150 before this page was written, which reads and writes the same tables. */
const BEFORE = "da6a450de051bb6709cd0e733821b42cd54ef92b";

const N: Version = { name: "N", ...now, sqlite, verifyStandardWebhook };

/** Those that take turns; this one alone where its history is not at hand. */
export async function loadVersions(): Promise<{ versions: readonly Version[]; remove(): void }> {
  const past = checkOut(BEFORE);
  if (past === undefined) return { versions: [N], remove: () => {} };
  const files = ["src/index.ts", "src/store/sqlite.ts", "src/verify.ts"].map((path) => past.file(path));
  const parts = await Promise.all(files.map((file) => import(file)));
  return { versions: [Object.assign({}, ...parts, { name: "N-1" }) as Version, N], remove: past.remove };
}
