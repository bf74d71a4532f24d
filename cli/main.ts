#!/usr/bin/env node
/**
 * `npx tidemark`: the command line.
 * @module
 */
import { createIo } from "./process.ts";
import { run } from "./program.ts";

process.exitCode = await run(process.argv.slice(2), createIo());
