/**
 * This engine behind a fetch-style host.
 * @module
 */
import type { Open } from "../harness/server.ts";
import { fetchHost } from "./fetch-host.ts";
import { openSync } from "./tidemark.ts";

export const open: Open = (options) => {
  const { sync, close } = openSync(options);
  return {
    listener: fetchHost((request) => sync.webhook("stripe", request)),
    settled: async () => {},
    close,
  };
};
