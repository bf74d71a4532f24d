/**
 * Has node:test not follow each promise of a test file, which takes a third of the CPU of a file that simulates weeks.
 *
 * It follows them to say of an error that nobody awaits in which test it arose. Without that such an error still fails its
 * file, and is printed here with its stack; only the name of the test is missing. `TRACKED=1 npm test` names it.
 */
import asyncHooks from "node:async_hooks";

const { createHook } = asyncHooks;

const tell = (/** @type {unknown} */ error) => console.error(error);

// The test runner creates its hook when a file imports it: a thread or a process without tests is left as it is.
asyncHooks.createHook = (callbacks) => {
  process.on("uncaughtExceptionMonitor", tell);
  process.on("unhandledRejection", tell);
  asyncHooks.createHook = createHook;
  return createHook({ ...callbacks, trackPromises: process.env["TRACKED"] === "1" });
};
