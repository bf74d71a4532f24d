/** `demo`: a shop whose webhooks get lost, an engine that is killed, and a stream that is right in the end. */
import { Option } from "commander";
import { command } from "../command.ts";
import { wholeNumber } from "../options.ts";
import { playDemo } from "../play.ts";
import type { Kit } from "../program.ts";

export const demoCommand = ({ io, exit }: Kit) =>
  command("demo", "Shows in half a minute what it is for: no account, no network, nothing written", [
    "demo",
    "demo --seed 7 --fast",
  ])
    .addOption(new Option("--seed <n>", "another course of things").argParser(wholeNumber).default(1))
    .option("--fast", "as fast as it can be computed")
    .action(async ({ seed, fast = false }: { seed: number; fast?: boolean }) => {
      if (!(await playDemo(io, seed, fast))) exit(1);
    });
