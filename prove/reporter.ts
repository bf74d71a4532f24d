/** A reporter of node:test that tells what `npm run prove` wants to know, a line of JSON each. */
import type { TestEvent } from "node:test/reporters";

/** A line of the output. */
export type Heard =
  | { kind: "figure"; id: string; said: string }
  | { kind: "passed"; name: string }
  | { kind: "skipped"; name: string; why: string }
  | { kind: "failed"; name: string; why: string };

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    const heard = hear(event);
    if (heard) yield `${JSON.stringify(heard)}\n`;
  }
}

function hear({ type, data }: TestEvent): Heard | undefined {
  if (type === "test:diagnostic") {
    const [, said] = /^figure (\{.*\})$/.exec(data.message) ?? [];
    return said === undefined ? undefined : { kind: "figure", ...JSON.parse(said) };
  }
  if (type === "test:pass" && data.details.type !== "suite") {
    const { name, skip } = data;
    return skip === undefined ? { kind: "passed", name } : { kind: "skipped", name, why: String(skip) };
  }
  if (type === "test:fail") {
    const { error } = data.details;
    const why = error.cause instanceof Error ? error.cause.message : String(error.cause ?? error.message);
    return { kind: "failed", name: data.name, why };
  }
  return undefined;
}
