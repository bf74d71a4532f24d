/** `setup`: sees to it that a service sends its webhooks here. */

import { command } from "../options.ts";
import type { Kit } from "../program.ts";

export const setupCommand = (_: Kit) => command("setup", "Has a service send its webhooks here", ["setup stripe"]);
