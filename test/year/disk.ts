/**
 * A disk that is always done: nothing of the year is about how long that takes, and a process that dies leaves what it had
 * written, synced or not. To be imported before a store is: it takes the functions as they are then.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

fs.fdatasyncSync = () => {};
fs.fdatasync = Object.assign((_file: number, done: (error: null) => void) => process.nextTick(done, null), {
  __promisify__: async () => {},
});
syncBuiltinESMExports();
