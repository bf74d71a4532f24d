import { type Mutant, mutantsOf } from "./mutant.ts";

const spans = mutantsOf("telemetry-", "src/otel/spans.ts", ["test/otel.test.ts"]);
const across = mutantsOf("telemetry-", "src/otel/spans.ts", ["test/otel.processes.test.ts"]);
const traces = mutantsOf("telemetry-", "src/otel/trace.ts", ["test/otel.test.ts"]);
const observed = mutantsOf("telemetry-", "src/work/observe.ts", ["test/otel.test.ts"]);
const log = mutantsOf("telemetry-", "src/log.ts", ["test/log.test.ts"]);
const credentials = mutantsOf("telemetry-", "src/budget/credentials.ts", ["test/credentials.test.ts"]);
const watch = mutantsOf("telemetry-", "src/hook/watch.ts", ["test/hook/tend.test.ts"]);

/** Guards of what is told to people: metrics, traces and logs, and what was found when their tests came and went. */
export const telemetry: readonly Mutant[] = [
  watch("silence", "a silence of all is made up for everywhere", `[...new Set([...first, ...others])]`, `first`),
  spans("webhook", "a read is below its webhook", `webhooks.take(key)`, `undefined`),
  spans("change", "a handler is below its change", `changes.get(\`\${position}\`)`, `undefined`),
  spans("error", "what fails is an error", `if (error !== undefined) span`, `if (error === "") span`),
  across("host", "the host's request is above", `const within = host || !latest ?`, `const within = !latest ?`),
  across("linked", "and its event is linked", `host && latest ? [latest, ...others] : others`, `others`),
  across(
    "event",
    "in another process it is below the event",
    `trace.setSpanContext(ROOT_CONTEXT, below) :`,
    `ROOT_CONTEXT :`,
  ),
  across(
    "others",
    "other events are linked",
    `const linked = here && here !== below ? [here, ...others] : others;`,
    `const linked = here && here !== below ? [here] : [];`,
  ),
  across(
    "latest",
    "the latest event has the trace",
    `eventsOf(providerOf(type), causes).reverse()`,
    `eventsOf(providerOf(type), causes)`,
  ),
  traces("sampled", "a part of the traces is sampled", `isSampled(traceId, sampled) ?`, `sampled > 0 ?`),
  log("line", "a line stays one", `inOneLine(messageOf(event))`, `messageOf(event)`),
  log("least", "below a level nothing is written", `levels.indexOf(own) < least`, `least < 0`),
  log("level", "what is no level is refused", `if (least < 0) throw`, `if (least < -1) throw`),
  log("console", "a console is given one line", `logger instanceof Console`, `level.length === 0`),
  log("unsaved", "webhooks that are not saved need somebody", `event.outcome === "unsaved" ? "error" : `, ``),
  log("refused", "what is refused is warned of", `event.status >= 400 ? "warn"`, `event.status >= 600 ? "warn"`),
  credentials(
    "store",
    "what other processes spent is known",
    `for (const one of purses) known`,
    `for (const one of [] as typeof purses) known`,
  ),
  credentials("untold", "and what this one has told nobody", ` - (untold?.spent ?? 0)`, ``),
  credentials(
    "said",
    "and what the provider said",
    `purse.told && usable(purse.told, terms), untold?.remaining]`,
    `purse.told && usable(purse.told, terms)]`,
  ),
  credentials("fewest", "those with the least left are named", `worth(a) - worth(b)`, `worth(b) - worth(a)`),
  credentials("wait", "when it may spend again is said", `live: wait > 0 ?`, `live: wait < 0 ?`),
  log("first", "only a backfill is news", `event.first ? "info"`, `event.suspects < 9 ? "info"`),
  observed(
    "asked",
    "what was answered asks no more",
    `explains(cause, { start }) && isNews(row, cause)`,
    `explains(cause, { start })`,
  ),
];
