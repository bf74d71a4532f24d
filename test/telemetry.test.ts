/** The page, the dashboard and the rules of docs name the metrics that there are. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createNoopMeter, type MetricOptions } from "@opentelemetry/api";
import { createTelemetry } from "tidemark/otel";

const read = (name: string) => readFileSync(new URL(`../docs/${name}`, import.meta.url), "utf8");

/** Every instrument that is made, by its name in OpenTelemetry and in Prometheus. */
function instruments(): Map<string, string> {
  const made = new Map<string, string>();
  const noop = createNoopMeter();
  const note = (name: string, options: MetricOptions = {}, suffix = "") => {
    made.set(name, name.replaceAll(".", "_") + (options.unit === "s" ? "_seconds" : "") + suffix);
  };
  const meter = Object.assign(Object.create(noop), {
    createCounter(name: string, options?: MetricOptions) {
      note(name, options, "_total");
      return noop.createCounter(name, options);
    },
    createHistogram(name: string, options?: MetricOptions) {
      note(name, options);
      return noop.createHistogram(name, options);
    },
    createObservableGauge(name: string, options?: MetricOptions) {
      note(name, options);
      return noop.createObservableGauge(name, options);
    },
  });
  const telemetry = createTelemetry({ meterProvider: { getMeter: () => meter } });
  telemetry.watch({ health: () => Promise.reject(new Error("nobody asks")) })();
  return made;
}

test("the page names every metric, and none that there is not", () => {
  // `tidemark.budget.left`, `.rate`: what begins with a dot has the beginning of the one before.
  const named = [...read("telemetry.md").matchAll(/^\|([^|]*tidemark\.[^|]*)\|/gm)].flatMap(([, cell = ""]) => {
    let beginning = "";
    return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => {
      if (!name.startsWith(".")) beginning = name.slice(0, name.lastIndexOf("."));
      return name.startsWith(".") ? beginning + name : name;
    });
  });
  assert.deepEqual(named.sort(), [...instruments().keys()].sort());
});

test("the dashboard and the rules ask for metrics that there are, and show what is left of budgets", () => {
  const known = new Set(instruments().values());
  const asked = (text: string) => text.match(/\btidemark_[a-z0-9_]+/g) ?? [];
  const bare = (name: string) => name.replace(/_(bucket|count|sum)$/, "");
  for (const file of ["dashboard.json", "alerts.yaml"]) {
    for (const name of asked(read(`grafana/${file}`))) assert.ok(known.has(bare(name)), `${file}: ${name}`);
  }
  const shown = new Set(asked(read("grafana/dashboard.json")).map(bare));
  for (const name of ["left", "remaining", "wait_seconds"]) assert.ok(shown.has(`tidemark_budget_${name}`), name);
});
