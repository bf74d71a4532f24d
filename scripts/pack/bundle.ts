/**
 * Bundles an entry of the installed package, as the build of an application does.
 * @module
 */
import { join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { partOf, type Weight } from "./size.ts";

/** Bundles a program in an installed project; what it imports of `peers` stays outside. */
async function bundle(cwd: string, program: string, peers: readonly string[]) {
  const start = join(cwd, "program.js");
  const build = await rolldown({
    ...{ cwd, input: start, platform: "node" },
    external: (id) => peers.some((peer) => id === peer || id.startsWith(`${peer}/`)),
    plugins: [{ name: "program", load: (id) => (id === start ? program : undefined), resolveId: own(start) }],
  });
  try {
    const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false });
    return output[0];
  } finally {
    await build.close();
  }
}
const own = (start: string) => (id: string) => (id === start ? id : undefined);

/** What all of an entry weighs. */
export async function weigh(cwd: string, entry: string, peers: readonly string[]): Promise<Weight> {
  const { code, modules } = await bundle(cwd, `export * from ${JSON.stringify(entry)};`, peers);
  const used = Object.entries(modules).filter(([, { renderedLength }]) => renderedLength > 0);
  const parts = used.map(([id]) => partOf(relative(join(cwd, "node_modules"), id).split(sep).join("/")));
  const brings = [...new Set(parts.filter((part) => part !== undefined))].sort();
  return { entry, minified: code.length, gzip: gzipSync(code).length, brings };
}

/** The bytes that are left of a program that imports all entries and uses none: what a bundler cannot take away. */
export async function idle(cwd: string, entries: readonly string[], peers: readonly string[]): Promise<number> {
  const program = entries.map((entry, i) => `import * as entry${i} from ${JSON.stringify(entry)};`).join("\n");
  return (await bundle(cwd, program, peers)).code.length;
}
