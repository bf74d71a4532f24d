/** All figures, in their order. */
import type { Figure } from "../figure.ts";
import { crash } from "./crash.ts";
import { edges } from "./edges.ts";
import { engine } from "./engine.ts";
import { faults } from "./faults.ts";
import { life } from "./life.ts";

export const figures: readonly Figure[] = [...engine, ...crash, ...faults, ...edges, ...life].sort(
  (a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)),
);
