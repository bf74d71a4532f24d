/**
 * Imports point one way. The table says where each file stands; a file imports from its own layer and from those that
 * its layer names, never in a circle. Providers and outlets import only what a user can import.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

interface Layer {
  files: readonly string[];
  /** The other layers it may import from. */
  below: readonly string[];
}

const inWorld = (name: string) => `world/${name}`;
const inPostgres = (name: string) => `store/postgres/${name}`;

/** From the ground up. Files are below `src/`, without `.ts`. */
const layers: Readonly<Record<string, Layer>> = {
  ground: {
    files: [
      ...["errors", "canonical", "time", "provider", "json", "answer", "limit", "client", "peer", "verify"],
      ...["verify/certificates", "verify/chain", "verify/hmac", "verify/secrets", "verify/sign", "verify/standard"],
    ],
    below: [],
  },
  core: { files: ["row", "checkpoint"], below: ["ground"] },
  store: { files: ["store"], below: ["ground", "core"] },
  stores: {
    files: [
      "store/checkpoints",
      "store/connection",
      "store/disk",
      "store/erase",
      "store/group",
      "store/inbox",
      "store/log",
      "store/notes",
      "store/presence",
      "store/postgres",
      ...[
        "batch",
        "client",
        "doubt",
        "erase",
        "fold",
        "history",
        "inbox",
        "listen",
        "lock",
        "migrate",
        "place",
        "read",
      ].map(inPostgres),
      ...["retry", "save", "schema", "session", "steps", "trouble", "unseen", "within", "write"].map(inPostgres),
      "store/rows",
      "store/schema",
      "store/sqlite",
      "store/statements",
      "store/transaction",
      "store/within",
    ],
    below: ["ground", "core", "store"],
  },
  // What the parts of the engine have in common.
  kit: {
    files: [
      ...["budget", "cache", "change", "engine", "events", "hints", "hold", "kind", "loop", "pause", "scopes"],
      ...["admit", "ask", "asking", "blocks", "flow", "forget", "funds", "lesson"].map((name) => `budget/${name}`),
      ...["lines", "places", "pocket", "pot", "purse", "queue", "remaining", "rests"].map((name) => `budget/${name}`),
      ...["room", "rooms", "span", "state", "stored", "terms", "told"].map((name) => `budget/${name}`),
      ...["wallet", "wallets"].map((name) => `budget/${name}`),
      ...["halt", "partition", "subscription"].map((name) => `deliver/${name}`),
      ...["ledger", "progress"].map((name) => `health/${name}`),
      ...["address", "hooks", "known", "silence", "slots"].map((name) => `hook/${name}`),
      ...["hour", "losses", "rates", "series", "tally", "verdict"].map((name) => `loss/${name}`),
      ...["agenda", "gap", "gaps", "lane", "line", "missed", "pace", "plan", "schedule", "tempo", "trust"].map(
        (name) => `reconcile/${name}`,
      ),
      ...["collection", "guard", "page"].map((name) => `sweep/${name}`),
      ...["batch", "call", "news", "observe", "outage", "places", "probe", "read", "record"].map(
        (name) => `work/${name}`,
      ),
    ],
    below: ["ground", "core", "store"],
  },
  loops: {
    files: [
      ...["compact", "deliver", "get", "health", "poll", "receive"],
      ...["reconcile", "resources", "stream", "sweep", "web", "work"],
      ...["budgets", "credentials"].map((name) => `budget/${name}`),
      ...["parked", "push", "seat", "share"].map((name) => `deliver/${name}`),
      ...["types"].map((name) => `health/${name}`),
      ...["health", "regain", "secret", "tend", "watch"].map((name) => `hook/${name}`),
      ...["jobs", "patrol"].map((name) => `reconcile/${name}`),
      ...["audit", "children", "repair", "synced"].map((name) => `sweep/${name}`),
    ],
    below: ["ground", "core", "store", "kit"],
  },
  // The only place that knows a store by name: its default.
  sync: {
    files: ["api", "hook/setup", "options", "sync"],
    below: ["ground", "core", "store", "stores", "kit", "loops"],
  },
  http: {
    files: [
      "http",
      ...["about", "access", "acts", "asked", "failure", "follow", "foreign"].map((name) => `http/${name}`),
      ...["frame", "gate", "open", "query", "read", "reply", "route", "router", "shown", "tail"].map(
        (name) => `http/${name}`,
      ),
      ...["door", "page"].map((name) => `inspector/${name}`),
    ],
    below: ["ground", "kit", "loops", "sync"],
  },
  // What outlets are made of: they tell others what a subscription tells them.
  outlet: {
    files: ["outlet", ...["address", "event", "post"].map((name) => `outlet/${name}`)],
    below: ["ground", "kit", "sync"],
  },
  otel: {
    files: ["otel", ...["counts", "gauges", "recent", "spans", "trace"].map((name) => `otel/${name}`)],
    below: ["ground", "core", "kit", "loops"],
  },
  index: {
    files: ["config", "index", "listener", "log", "node"],
    below: ["ground", "core", "store", "stores", "kit", "loops", "sync"],
  },
  // Nothing of the engine imports it. A store's contract is told in the words of row and checkpoint; the rest of what
  // it needs it takes as a user does, from "tidemark".
  testing: {
    files: [
      ...["index", "provider", "random", "samples", "store", "time"],
      ...[
        "absence",
        "alter",
        "check",
        "elsewhere",
        "forgeries",
        "lists",
        "network",
        "operations",
        "payloads",
        "reads",
        "replica",
        "secrets",
        "service",
        "trouble",
        "versions",
        "weather",
        "web",
        "world",
        "worlds",
      ].map((name) => `provider/${name}`),
      ...["check", "checkpoints", "forgetting", "notes", "order"].map((name) => `store/${name}`),
      ...["reads", "rows", "updates", "whole", "within"].map((name) => `store/${name}`),
      ...["api", "clock", "conditions", "create", "events", "faults", "fleet", "hooks", "limit"].map(inWorld),
      ...["network", "options", "owed"].map(inWorld),
      ...["provider", "request", "service", "settle", "stores", "test", "world", "writer"].map(inWorld),
    ].map((name) => `testing/${name}`),
    below: ["ground", "core", "store", "simulated"],
  },
  // It gives webhooks to an engine as a host without web requests does.
  simulated: { files: ["testing/world/process"], below: ["ground", "core", "store", "sync", "testing"] },
};

/** Packages that only a user installs: a provider or an outlet takes their types, and at run time the application's own client. */
const CLIENTS = ["stripe", "@octokit/rest"];

/** A peer of one entry alone: whoever imports that has it. */
const OTEL = "@opentelemetry/api";

const root = fileURLToPath(new URL("..", import.meta.url));
const project = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const packages: readonly string[] = Object.keys(project.dependencies);
const entries = Object.keys(project.exports).map((entry) => posix.join("tidemark", entry));

interface Import {
  /** What is written. */
  target: string;
  /** Without types: it runs. */
  runs: boolean;
}

/** The imports and re-exports of a file. */
function importsOf(text: string): Import[] {
  const lines = text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[\w$*\s,]*(?:\{[^}]*\})?\s*from\s+)?"([^"]+)"/gm);
  const calls = text.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g);
  return [
    ...[...lines].map(([, type, target = ""]) => ({ target, runs: type === undefined })),
    ...[...calls].map(([, target = ""]) => ({ target, runs: true })),
  ];
}

const filesIn = (folder: string): string[] =>
  readdirSync(root + folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => posix.join(folder, name.replaceAll("\\", "/")));

const importsIn = (file: string): Import[] => importsOf(readFileSync(root + file, "utf8"));
const resolve = (file: string, target: string): string => posix.join(posix.dirname(file), target);

const engineFiles = filesIn("src");
const layerOf = (file: string): string | undefined =>
  Object.entries(layers).find(([, { files }]) => files.some((name) => `src/${name}.ts` === file))?.[0];

test("every file of the engine stands in the table, and the table names no other", () => {
  for (const file of engineFiles) {
    assert.ok(layerOf(file), `${file} stands in no layer: add it to the table in test/layers.test.ts`);
  }
  for (const name of Object.values(layers).flatMap(({ files }) => files)) {
    assert.ok(engineFiles.includes(`src/${name}.ts`), `src/${name}.ts is gone: remove it from test/layers.test.ts`);
  }
});

test("the engine's imports point one way", () => {
  for (const file of engineFiles) {
    const layer = layerOf(file) ?? "";
    for (const { target } of importsIn(file)) {
      if (!target.startsWith(".")) {
        const user = layer === "testing" || layer === "simulated";
        const known = user ? [...packages, ...entries] : layer === "otel" ? [...packages, OTEL] : packages;
        const fits = target.startsWith("node:") || known.includes(target);
        assert.ok(fits, `${file} imports "${target}": it is no dependency of package.json`);
        continue;
      }
      const other = layerOf(resolve(file, target)) ?? "nowhere";
      const fits = other === layer || layers[layer]?.below.includes(other);
      assert.ok(fits, `${file} (${layer}) imports ${target} (${other}): ${layer} may not import from ${other}`);
    }
  }
});

test("no file of the engine imports itself in a circle", () => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    assert.ok(!path.includes(file), `a circle: ${[...path, file].join(" → ")}`);
    if (done.has(file)) return;
    for (const { target } of importsIn(file)) {
      if (target.startsWith(".")) visit(resolve(file, target), [...path, file]);
    }
    done.add(file);
  };
  for (const file of engineFiles) visit(file, []);
});

test("providers and outlets import only what a user can import", () => {
  for (const file of [...filesIn("providers"), ...filesIn("outlets")]) {
    const [folder, name = ""] = file.split("/");
    for (const { target, runs } of importsIn(file)) {
      if (target.startsWith(".")) {
        const own = resolve(file, target).startsWith(`${folder}/${name}/`);
        assert.ok(own, `${file} imports ${target} of another folder: import what "tidemark" exports`);
      } else if (CLIENTS.includes(target)) {
        assert.ok(
          !runs,
          `${file} imports "${target}" at run time: take the application's client, import only its types`,
        );
      } else {
        const known = target.startsWith("node:") || packages.includes(target) || entries.includes(target);
        assert.ok(known, `${file} imports "${target}": neither a dependency nor exported by package.json`);
      }
    }
  }
});

test("imports are recognised in all their forms", () => {
  const text = [
    'import "a";',
    'import b from "b";',
    'import * as c from "c";',
    'import {\n  d,\n  type D,\n} from "d";',
    'import type { E } from "e";',
    'export * from "f";',
    'export type { G } from "g";',
    'const h = await import("h");',
    'export const text = `from "i"`;',
  ].join("\n");
  const found = importsOf(text).map(({ target, runs }) => (runs ? target : `type ${target}`));
  assert.deepEqual(found, ["a", "b", "c", "d", "type e", "f", "type g", "h"]);
});
