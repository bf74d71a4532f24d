/**
 * Type-checks what test/types says against the installed package, with each TypeScript that an application may use.
 * @module
 */
import { execFile } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Unfit } from "./project.ts";

/** The versions besides our own, and what npm calls each of them here. */
const OTHERS = ["5.9", "6.0"];
const nameOf = (version: string) => `typescript-${version}`;

/** What an empty project needs so that {@link checkTypes} can run there. */
export const compilers = (): string[] => OTHERS.map((version) => `${nameOf(version)}@npm:typescript@~${version}.0`);

/** As strict as an application can be, with no types of a browser; the published types themselves are checked, too. */
const strict = {
  ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
  ...{ module: "nodenext", target: "es2023", lib: ["es2023"], types: ["node"] },
  ...{ noEmit: true, allowImportingTsExtensions: true },
};

/**
 * @param types the folder with the programs
 * @throws Unfit if one does not compile, or compiles where it should not
 */
export async function checkTypes(cwd: string, types: string): Promise<void> {
  cpSync(types, join(cwd, "types"), { recursive: true });
  writeFileSync(join(cwd, "tsconfig.json"), JSON.stringify({ compilerOptions: strict, include: ["types"] }));
  const said = await Promise.all(["typescript", ...OTHERS.map(nameOf)].map((compiler) => compile(cwd, compiler)));
  const wrong = said.filter((one) => one !== undefined);
  if (wrong.length > 0) throw new Unfit(wrong.join("\n"));
}

/** What a compiler objects to. */
const compile = (cwd: string, compiler: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const tsc = join(cwd, "node_modules", compiler, "bin/tsc");
    execFile(process.execPath, [tsc, "-p", "."], { cwd }, (error, stdout) =>
      resolve(error ? `test/types does not hold with ${compiler}:\n${stdout || error.message}` : undefined),
    );
  });
