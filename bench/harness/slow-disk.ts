/**
 * A library that makes each fsync slower, as on network storage: loaded before all others into what is to be slowed.
 * @module
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const source = (us: number) => `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
static int slow(const char *name, int fd) {
  usleep(${us});
  return ((int (*)(int))dlsym(RTLD_NEXT, name))(fd);
}
int fsync(int fd) { return slow("fsync", fd); }
int fdatasync(int fd) { return slow("fdatasync", fd); }
`;

/** Compiles it. Answers its path, or `undefined` where there is no gcc. */
export function slowDisk(directory: string, ms: number): string | undefined {
  const [from, to] = [join(directory, "slow.c"), join(directory, "slow.so")];
  writeFileSync(from, source(ms * 1_000));
  const { status } = spawnSync("gcc", ["-shared", "-fPIC", "-O2", "-o", to, from, "-ldl"], { stdio: "ignore" });
  return status === 0 ? to : undefined;
}
