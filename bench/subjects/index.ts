/**
 * All subjects, in the order in which they are run.
 * @module
 */
import type { Subject } from "../harness/bench.ts";
import { burst } from "./burst.ts";
import { head } from "./head.ts";
import { ingest } from "./ingest.ts";
import { latency } from "./latency.ts";
import { log } from "./log.ts";
import { memory } from "./memory.ts";
import { pipeline } from "./pipeline.ts";
import { processes } from "./processes.ts";
import { sweep } from "./sweep.ts";
import { wake } from "./wake.ts";

export const subjects: readonly Subject[] = [
  ...[ingest, latency, pipeline, burst, processes, wake],
  ...[sweep, log, head, memory],
];
