/**
 * Changes as rows: when, what, how it was found, how late.
 * @module
 */
import { useApp } from "../app.ts";
import { changedFields } from "../diff.ts";
import type { Change } from "../wire.ts";
import { clock, lateness, span } from "../words.ts";
import { Empty, ResourceId, Scope, Via } from "./bits.tsx";

/** Fields that are named before the rest is counted. */
const NAMED = 4;

export function ChangeTable({ changes }: { changes: readonly Change[] }) {
  const { now } = useApp();
  if (changes.length === 0) {
    return (
      <Empty title="No changes yet.">
        They come when a webhook is taken, a feed is polled or a type is swept: <code>await sync.start()</code> begins
        that.
      </Empty>
    );
  }
  const scoped = changes.some(({ scope }) => scope !== "");
  return (
    <table class="rows changes">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Type</th>
          {scoped && <th scope="col">Scope</th>}
          <th scope="col">Id</th>
          <th scope="col">What changed</th>
          <th scope="col">Found by</th>
          <th scope="col" class="number">
            Late
          </th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <Row key={change.cursor} change={change} scoped={scoped} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ change, scoped, now }: { change: Change; scoped: boolean; now: number }) {
  const late = lateness(change);
  return (
    <tr>
      <td class="time">
        <time dateTime={change.at} title={change.at}>
          {clock(change.at, now)}
        </time>
      </td>
      <td class="type">{change.type}</td>
      {scoped && (
        <td class="scope">
          <Scope scope={change.scope} />
        </td>
      )}
      <td class="ident">
        <ResourceId of={change} />
      </td>
      <td class="what">
        <What change={change} />
      </td>
      <td class="via">
        <Via change={change} />
      </td>
      <td class="number late" data-name="late">
        {late === undefined ? <span class="muted">–</span> : span(late)}
      </td>
    </tr>
  );
}

/** A change in a few words. */
export function What({ change: { before, after } }: { change: Pick<Change, "before" | "after"> }) {
  if (before === null) return <span class="sign added">created</span>;
  if (after === null) return <span class="sign removed">deleted</span>;
  const fields = changedFields(before, after);
  const named = fields.slice(0, NAMED).join(", ");
  return (
    <span class="sign">
      <bdi>{named}</bdi>
      {fields.length > NAMED && <span class="muted"> and {fields.length - NAMED} more</span>}
    </span>
  );
}
