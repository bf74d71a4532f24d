/** docs/operations.md: there is no alarm, no fault of a hook and no alert rule without its entry in the runbook. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string) => readFileSync(join(root, file), "utf8");
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.startsWith("testing"))
  .map((file) => ({ file: `src/${file}`, text: read(`src/${file}`) }));

const page = read("docs/operations.md");
/** The sentences under the headings, as `health()` says them: each alone on its line. */
const samples = page
  .split(/^### /m)
  .slice(1)
  .flatMap((section) => [...section.matchAll(/^(?:- )?`([^`]+)`$/gm)].map(([, sentence = ""]) => sentence));

/** The template that begins at this backtick: its text, each `${…}` in it a gap; and where it ends. */
function templateAt(text: string, start: number): { parts: string[]; end: number } {
  const parts: string[] = [];
  let part = "";
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "`") return { parts: [...parts, part], end: i + 1 };
    if (text[i] === "$" && text[i + 1] === "{") {
      parts.push(part);
      part = "";
      i = gapFrom(text, i + 2);
    } else part += text[i];
  }
  throw new Error("a template has no end");
}

/** Where what began with `${` ends. There may be templates in it. */
function gapFrom(text: string, start: number): number {
  let depth = 1;
  for (let i = start; i < text.length; i++) {
    if (text[i] === "`") i = templateAt(text, i).end - 1;
    else if (text[i] === "{") depth++;
    else if (text[i] === "}" && --depth === 0) return i;
  }
  throw new Error("a gap has no end");
}

/** The sentences that code makes: its templates, those that are added to each other as one, each `${…}` a gap. */
function sentencesIn(text: string): string[][] {
  const all: string[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (let i = text.indexOf("`"); i !== -1; i = text.indexOf("`", last)) {
    const { parts, end } = templateAt(text, i);
    const before = all.at(-1);
    if (before && /^\s*\+\s*$/.test(text.slice(last, i)))
      before.push((before.pop() ?? "") + parts[0], ...parts.slice(1));
    else all.push(parts);
    last = end;
  }
  return all.filter((parts) => parts.join("").replace(/\W/g, "").length >= 6);
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
const patternOf = (parts: readonly string[]) => new RegExp(`^${parts.map(escaped).join(".*")}$`);
const code = (text: string) => text.replace(/^\s*(\/\/|\*|\/\*\*).*$/gm, "");

/** The code of a function that is exported, with what stands below it up to the next export. */
function bodyOf(name: string): string {
  const found = sources
    .flatMap(({ text }) => text.split(/^(?=export )/m))
    .filter((part) => part.includes(`function ${name}(`));
  assert.equal(found.length, 1, name);
  return code(found[0] ?? "");
}

test("the runbook has an entry for each sentence that health() makes", () => {
  const health = code(read("src/health.ts"));
  const list = /const alarms = \[(.*?)\n {2}\];/s.exec(health)?.[1] ?? "";
  const made = [...list.matchAll(/^ {4}\.\.\.\(?(?:await )?([\w.]+)\(/gm)].map(([, name = ""]) => name);
  const known = ["ledger.alarms", "guardAlarms", "hookAlarms", "gapAlarms", "budgetAlarms"];
  const here = ["failing.map", "subscriptions.filter", "subscriptions.flatMap"];
  assert.deepEqual(made, [...known, ...here], "of a new source of alarms say here where its sentences are");

  const sentences = [list, ...known.slice(1).map(bodyOf)].flatMap(sentencesIn);
  // Not a sentence, but a part of one.
  const whole = sentences.filter((parts) => !/^(from| since|; and|to) ?/.test(parts[0] ?? ""));
  assert.ok(whole.length >= 10);
  const missing = whole.filter((parts) => !samples.some((sample) => patternOf(parts).test(sample)));
  assert.deepEqual(
    missing.map((parts) => parts.join("…")),
    [],
    "without an entry in docs/operations.md",
  );
});

test("the runbook has an entry for whatever may fail in the background", () => {
  const whats = sources.flatMap(({ text }) => {
    if (!/kind: "failed", what|\bwhat: `the /.test(text)) return [];
    const plain = [...code(text).matchAll(/(?:\bwhat(?: =|:) |failed\()(["`])(.*?)\1/g)];
    // One word is the name of a gap.
    return plain.flatMap(([, , what = ""]) => (what.includes(" ") ? [what.split(/\$\{.*?\}/)] : []));
  });
  assert.ok(whats.length >= 13, `${whats.length}`);
  whats.push(["webhooks of ", ""]);
  // Behind it the provider and the scope, if it is of one, and the error.
  const patterns = (what: readonly string[]) =>
    [
      [...what, ": "],
      [...what, " ", ": "],
    ].map((parts) => patternOf([...parts, ""]));
  const missing = whats.filter((what) => !samples.some((sample) => patterns(what).some((one) => one.test(sample))));
  assert.deepEqual(
    missing.map((parts) => parts.join("…")),
    [],
    "without an entry in docs/operations.md",
  );
});

test("the runbook has a line for each fault of a hook, and a heading for each alert rule", () => {
  const faults = /const FAULTS = \[(.*?)\]/s.exec(read("src/hook/known.ts"))?.[1]?.match(/\w+/g) ?? [];
  assert.ok(faults.length >= 8);
  const rules = [...read("docs/grafana/alerts.yaml").matchAll(/^\s*- alert: (\w+)$/gm)].map(
    ([, rule]) => `### ${rule}\n`,
  );
  assert.ok(rules.length >= 6);
  const rows = faults.map((fault) => `\n| \`${fault}\` |`);
  assert.deepEqual(
    [...rules, ...rows].filter((text) => !page.includes(text)),
    [],
  );
});
