/**
 * How a resource got where it is: each change with its fields before and after, what found it, and what its events said.
 * @module
 */
import { useApp } from "../app.ts";
import { differences, type Field, MOST, pathText } from "../diff.ts";
import { notify } from "../notices.ts";
import type { Cause, Change } from "../wire.ts";
import { away, clock, lateness, many, span } from "../words.ts";
import { Empty, Panel, Text, Via } from "./bits.tsx";
import { What } from "./changes.tsx";
import { valueText } from "./state.tsx";

/** Characters of a value that are shown in one line. */
const LONG = 300;

export function Timeline({ changes, limit }: { changes: readonly Change[]; limit: number }) {
  return (
    <Panel title="How it got there" aside={<span class="muted">{many(changes.length, "change")}</span>}>
      {changes.length === 0 && (
        <Empty title="The log holds no change of it.">What is older than the retention is compacted.</Empty>
      )}
      <ol class="timeline">
        {changes.map((change, index) => (
          <Entry key={change.cursor} change={change} open={index < 3} />
        ))}
      </ol>
      {changes.length === limit && <p class="hint">Older ones are told by the command line: npx tidemark show</p>}
    </Panel>
  );
}

function Entry({ change, open }: { change: Change; open: boolean }) {
  const { now } = useApp();
  const late = lateness(change);
  const fields = change.before !== null && change.after !== null ? differences(change.before, change.after) : [];
  return (
    <li>
      <details open={open}>
        <summary>
          <time dateTime={change.at} title={change.at}>
            {clock(change.at, now)}
          </time>
          <Via change={change} />
          <What change={change} />
          <span class="muted">{away(change.at, now)}</span>
        </summary>
        {fields.length > 0 && <Fields fields={fields} />}
        <p class="facts small">
          {change.causes.length === 0 ? <span>{untold(change)}</span> : <Causes causes={change.causes} />}
          {late !== undefined && <span>{span(late)} after the event</span>}
          <Cursor cursor={change.cursor} />
        </p>
      </details>
    </li>
  );
}

const untold = ({ via }: Change): string => (via === "webhook" ? "its webhook named no event" : "no event told of it");

function Fields({ fields }: { fields: readonly Field[] }) {
  return (
    <>
      <table class="fields">
        <thead class="unseen">
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(({ path, before, after }) => (
            <tr key={JSON.stringify(path)}>
              <th scope="row">
                <Text code>{pathText(path)}</Text>
              </th>
              <td class="before">
                <Value value={before} />
              </td>
              <td class="after">
                <Value value={after} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {fields.length >= MOST && <p class="hint">The first {MOST} fields are shown.</p>}
    </>
  );
}

function Value({ value }: { value: unknown }) {
  if (value === undefined) return <span class="muted">not there</span>;
  const text = valueText(value);
  return <Text code>{text.length > LONG ? `${text.slice(0, LONG)}…` : text}</Text>;
}

/** What the provider's events said. */
export function Causes({ causes }: { causes: readonly Cause[] }) {
  return (
    <span>
      told by{" "}
      {causes.map(({ id, name, at }, index) => (
        <span key={id} title={at}>
          {index > 0 && ", "}
          <Text code>{name}</Text>{" "}
          <span class="muted">
            <Text>{id}</Text>
          </span>
        </span>
      ))}
    </span>
  );
}

function Cursor({ cursor }: { cursor: string }) {
  const copy = () =>
    navigator.clipboard.writeText(cursor).then(
      () => notify("The cursor is copied: a subscription can be replayed from it"),
      () => notify(`The browser copies nothing here. The cursor: ${cursor}`),
    );
  return (
    <button type="button" class="button quiet small" title={cursor} onClick={() => void copy()}>
      Copy cursor
    </button>
  );
}
