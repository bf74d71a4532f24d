/** What a world tells of itself. */
import type { EngineEvent, Hint } from "tidemark";

/** Something that happens in a world. `process` counts from 0. Nothing in it is a state. */
export type Happening =
  | { kind: "written"; type: string; scope: string; id: string; version: number | null; deleted: boolean }
  /** A webhook was sent, and answered with this status; undefined: nobody answered. */
  | { kind: "webhook"; provider: string; hint: Hint; status: number | undefined }
  | { kind: "boot" | "crash" | "thaw"; process: number }
  | { kind: "freeze"; process: number; ms: number }
  /** No service answers, or none gives access, for so long. */
  | { kind: "down" | "denied"; ms: number }
  /** A scope was disconnected, or connected. */
  | { kind: "left" | "joined"; scope: string }
  /** The faults ended, or go on. */
  | { kind: "calm" | "rough" }
  /** What the engine of a process told. */
  | { kind: "engine"; process: number; event: EngineEvent };

/** Something that happened, and when, in ms since 1970. */
export type WorldEvent = { at: number } & Happening;
export type Tell = (event: Happening) => void;
