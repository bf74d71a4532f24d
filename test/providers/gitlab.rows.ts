/** What a GitLab in memory holds: one project and one group, what users do in them, and what it tells of that. */
import { stamp } from "./gitlab.kit.ts";

export type Row = Record<string, unknown> & { id?: number };

export const PROJECT = "7";
export const GROUP = "3";
/** Things of a type beside which no more are made. */
const ENOUGH = 12;

export const inProject = (folder: string): string => `projects/${PROJECT}/${folder}`;
export const inGroup = (folder: string): string => `groups/${GROUP}/${folder}`;

/** What is told of a write: the event's header and its body. */
export interface Told {
  event: string;
  body: Row;
}

/** Where each type is, and what finds one of it. */
export const FOLDERS: Readonly<Record<string, { folder: string; key: string; scope: string }>> = {
  issue: { folder: inProject("issues"), key: "iid", scope: PROJECT },
  merge_request: { folder: inProject("merge_requests"), key: "iid", scope: PROJECT },
  milestone: { folder: inProject("milestones"), key: "id", scope: PROJECT },
  label: { folder: inProject("labels"), key: "id", scope: PROJECT },
  branch: { folder: inProject("repository/branches"), key: "name", scope: PROJECT },
  pipeline: { folder: inProject("pipelines"), key: "id", scope: PROJECT },
  job: { folder: inProject("jobs"), key: "id", scope: PROJECT },
  epic: { folder: inGroup("epics"), key: "iid", scope: `group/${GROUP}` },
  group_member: { folder: inGroup("members"), key: "id", scope: `group/${GROUP}` },
};

export class Rows {
  readonly tables = new Map<string, Map<string, Row>>();
  readonly pushes: Row[] = [];
  readonly waiting: Told[] = [];
  readonly now: () => number;
  readonly project: Row;
  /** What users write. */
  readonly types: readonly string[];
  #last = 100;

  constructor(now: () => number, types: readonly string[]) {
    this.now = now;
    this.types = types;
    const at = stamp(now());
    const namespace = { id: Number(GROUP), kind: "group", full_path: "acme" };
    this.project = {
      id: Number(PROJECT),
      name: "app",
      namespace,
      created_at: at,
      updated_at: at,
      last_activity_at: at,
    };
  }

  table(folder: string): Map<string, Row> {
    const table = this.tables.get(folder) ?? new Map<string, Row>();
    this.tables.set(folder, table);
    return table;
  }

  /** One write of a user. */
  write(random: () => number): void {
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const type = pick([...this.types, "issue", "issue_note"]);
    const text = String(Math.floor(random() * 1e6));
    if (type === "project") this.project["updated_at"] = this.#touch();
    else if (type === "issue_note") this.#writeNote(pick, random, text);
    else {
      const { folder = "" } = FOLDERS[type] ?? {};
      const all = [...this.table(folder).values()];
      if (all.length === 0 || (random() < 0.4 && all.length < ENOUGH)) this.#create(type, text);
      else if (random() < 0.75) this.#update(type, pick(all), text);
      else this.#remove(type, pick(all));
    }
  }

  #next(): number {
    return ++this.#last;
  }
  #touch(): string {
    return stamp(this.now());
  }

  #create(type: string, text: string): void {
    const id = this.#next();
    const at = this.#touch();
    const base: Row = { id, created_at: at, updated_at: at };
    const numbered = { ...base, iid: id - 100, title: text, state: "opened" };
    const row: Row = {
      issue: { ...numbered, project_id: 7, labels: [], user_notes_count: 0 },
      merge_request: { ...numbered, project_id: 7, target_project_id: 7, source_branch: "a", target_branch: "b" },
      milestone: { ...numbered, state: "active" },
      label: { id, name: `label/${id}`, color: "#fff" },
      branch: { name: `fix/${id}`, commit: { id: hash(id) }, merged: false },
      pipeline: { ...base, project_id: 7, status: "running", ref: "main" },
      job: { id, created_at: at, name: text, status: "pending", pipeline: { id: 1, status: "running" } },
      epic: { ...numbered, group_id: 3 },
      group_member: { id, username: `u${id}`, access_level: 30 },
    }[type] as Row;
    const { folder = "", key = "" } = FOLDERS[type] ?? {};
    this.table(folder).set(String(row[key]), row);
    this.#tell(type, row, "open", text);
  }

  #update(type: string, row: Row, text: string): void {
    if (row["updated_at"]) row["updated_at"] = this.#touch();
    if (type === "label") row["color"] = text;
    else if (type === "branch") row["commit"] = { id: hash(Number(text)) };
    else if (type === "group_member") row["access_level"] = 10 + (Number(text) % 5) * 10;
    else if (type === "job" || type === "pipeline") row["status"] = nextStatus(String(row["status"]));
    else row["title"] = text;
    this.#tell(type, row, "update", text);
  }

  #remove(type: string, row: Row): void {
    const { folder = "", key = "" } = FOLDERS[type] ?? {};
    this.table(folder).delete(String(row[key]));
    if (type === "issue") this.tables.delete(`${folder}/${row["iid"]}/notes`);
    this.#tell(type, row, "delete", "");
  }

  #writeNote(pick: <T>(list: readonly T[]) => T, random: () => number, text: string): void {
    const issues = [...this.table(FOLDERS["issue"]?.folder ?? "").values()];
    if (issues.length === 0) return;
    const issue = pick(issues);
    const notes = this.table(`${FOLDERS["issue"]?.folder}/${issue["iid"]}/notes`);
    const all = [...notes.values()];
    const at = this.#touch();
    if (all.length > 0 && random() < 0.2) {
      notes.delete(String(pick(all).id));
      issue["user_notes_count"] = notes.size;
      return;
    }
    const isNew = all.length === 0 || (random() < 0.5 && all.length < 4);
    const id = this.#next();
    const noteable = { noteable_id: issue.id, noteable_iid: issue["iid"], noteable_type: "Issue" };
    const row = isNew ? { id, body: text, created_at: at, updated_at: at, ...noteable } : pick(all);
    Object.assign(row, { body: text, updated_at: at });
    notes.set(String(row.id), row);
    Object.assign(issue, { updated_at: at, user_notes_count: notes.size });
    const about = { id: row.id, noteable_type: "Issue", action: isNew ? "create" : "update" };
    const told = { id: issue.id, iid: issue["iid"] };
    this.waiting.push({
      event: "Note Hook",
      body: { object_kind: "note", project_id: 7, object_attributes: about, issue: told },
    });
  }

  /** GitLab says nothing of labels, and of what is deleted only where a branch or a member was. */
  #tell(type: string, row: Row, action: string, text: string): void {
    const say = (event: string, body: Row) => this.waiting.push({ event, body });
    const project = { project: { id: 7 }, project_id: 7 };
    if (type === "branch") {
      const gone = action === "delete";
      const commits = { before: action === "open" ? NONE : hash(1), after: gone ? NONE : hash(Number(text)) };
      const pushed = { open: "created", update: "pushed", delete: "removed" }[action];
      const push_data = {
        action: pushed,
        ref_type: "branch",
        ref: row["name"],
        commit_to: gone ? null : commits.after,
      };
      this.pushes.unshift({ id: this.#next(), created_at: this.#touch(), push_data });
      say("Push Hook", { object_kind: "push", ref: `refs/heads/${row["name"]}`, ...commits, commits: [], ...project });
    } else if (type === "group_member") {
      const event_name = `user_${{ open: "add_to", update: "update_for", delete: "remove_from" }[action]}_group`;
      say("Member Hook", { event_name, group_id: 3, user_id: row.id });
    } else if (type === "label" || action === "delete") return;
    else if (type === "job") {
      say("Job Hook", { object_kind: "build", build_id: row.id, pipeline_id: 1, ...project });
    } else if (type === "epic") {
      const object_attributes = { id: row.id, iid: row["iid"], type: "Epic", action };
      say("Issue Hook", { object_kind: "work_item", object_attributes });
    } else {
      const about = { id: row.id, iid: row["iid"], target_project_id: type === "merge_request" ? 7 : null, action };
      say(EVENTS[type] ?? "", { object_kind: type, object_attributes: about, ...project });
    }
  }
}

const NONE = "0".repeat(40);
const hash = (n: number): string => n.toString(16).padStart(40, "a");
const EVENTS: Readonly<Record<string, string>> = {
  issue: "Issue Hook",
  merge_request: "Merge Request Hook",
  milestone: "Milestone Hook",
  pipeline: "Pipeline Hook",
};
const nextStatus = (status: string): string => ({ pending: "running", running: "success" })[status] ?? "failed";
