/** The page as it is built: anew, if what it is built from is younger. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const sources = fileURLToPath(new URL("../../inspector/", import.meta.url));
const page = fileURLToPath(new URL("../../dist/inspector/index.html", import.meta.url));

const youngest = (): number =>
  Math.max(
    ...readdirSync(sources, { recursive: true, encoding: "utf8" }).map((file) => statSync(join(sources, file)).mtimeMs),
  );

/** Resolves when it is. */
export async function built(): Promise<void> {
  const at = statSync(page, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (at < youngest()) await build({ configFile: join(sources, "vite.config.ts"), logLevel: "warn" });
}
