/**
 * States as version 4 of the REST API returns them (docs.gitlab.com/api/api_resources): the fields that every server of
 * the last years has. Which others there are depends on the server's version and licence and on the token's role; they
 * are in a state all the same, as `unknown`.
 * @module
 */

/** Whatever else the server tells. */
interface More {
  [field: string]: unknown;
}

/** A user as shown in other things. */
export interface Person extends More {
  id: number;
  username: string;
  name: string;
  state: string;
  avatar_url: string | null;
  web_url: string;
}

/** A project: docs.gitlab.com/api/projects. */
export interface Project extends More {
  id: number;
  name: string;
  path: string;
  path_with_namespace: string;
  description: string | null;
  default_branch?: string | null;
  visibility?: "private" | "internal" | "public";
  archived?: boolean;
  namespace: { id: number; kind: string; full_path: string } & More;
  created_at: string;
  last_activity_at: string;
  web_url: string;
}

interface Discussed extends More {
  id: number;
  iid: number;
  title: string;
  description: string | null;
  state: string;
  labels: string[];
  author: Person | null;
  created_at: string;
  updated_at: string;
  closed_at: string | null;
  web_url: string;
}

/** An issue: docs.gitlab.com/api/issues. */
export interface Issue extends Discussed {
  project_id: number;
  assignees: Person[];
  milestone: Milestone | null;
  confidential: boolean;
  due_date: string | null;
}

/** A merge request: docs.gitlab.com/api/merge_requests. */
export interface MergeRequest extends Discussed {
  project_id: number;
  source_branch: string;
  target_branch: string;
  source_project_id: number | null;
  target_project_id: number;
  assignees: Person[];
  reviewers?: Person[];
  milestone: Milestone | null;
  draft?: boolean;
  merged_at: string | null;
  sha: string | null;
  merge_commit_sha: string | null;
}

/** An epic of a group: docs.gitlab.com/api/epics. */
export interface Epic extends Discussed {
  group_id: number;
  parent_id?: number | null;
  start_date: string | null;
  due_date: string | null;
}

/** A comment: docs.gitlab.com/api/notes. */
export interface Note extends More {
  id: number;
  body: string;
  author: Person | null;
  created_at: string;
  updated_at: string;
  system: boolean;
  noteable_id: number;
  noteable_iid?: number | null;
  noteable_type: string;
  resolvable?: boolean;
}

/** A snippet: docs.gitlab.com/api/project_snippets. */
export interface Snippet extends More {
  id: number;
  title: string;
  description: string | null;
  visibility: string;
  file_name: string;
  author: Person | null;
  created_at: string;
  updated_at: string;
  web_url: string;
}

/** A milestone: docs.gitlab.com/api/milestones. */
export interface Milestone extends More {
  id: number;
  iid: number;
  title: string;
  description: string | null;
  state: string;
  start_date: string | null;
  due_date: string | null;
  created_at: string;
  updated_at: string;
}

/** A label: docs.gitlab.com/api/labels. */
export interface Label extends More {
  id: number;
  name: string;
  color: string;
  description: string | null;
}

/** A release: docs.gitlab.com/api/releases. */
export interface Release extends More {
  tag_name: string;
  name: string | null;
  description: string | null;
  created_at: string;
  released_at: string;
}

/** A commit: docs.gitlab.com/api/commits. */
export interface Commit extends More {
  id: string;
  short_id: string;
  title: string;
  message: string;
  author_name: string;
  author_email: string;
  authored_date: string;
  committed_date: string;
  parent_ids: string[];
}

/** A branch: docs.gitlab.com/api/branches. */
export interface Branch extends More {
  name: string;
  commit: Commit;
  merged: boolean;
  protected: boolean;
  default: boolean;
}

/** A tag: docs.gitlab.com/api/tags. */
export interface Tag extends More {
  name: string;
  message: string | null;
  target: string;
  commit: Commit;
  release: { tag_name: string; description: string | null } | null;
  protected?: boolean;
}

/** A pipeline: docs.gitlab.com/api/pipelines. */
export interface Pipeline extends More {
  id: number;
  iid?: number;
  project_id: number;
  status: string;
  ref: string;
  sha: string;
  source?: string;
  created_at: string;
  updated_at: string;
  started_at?: string | null;
  finished_at?: string | null;
}

/** A job of a pipeline: docs.gitlab.com/api/jobs. */
export interface Job extends More {
  id: number;
  name: string;
  stage: string;
  status: string;
  ref: string;
  allow_failure: boolean;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  duration: number | null;
  pipeline: { id: number; ref: string; sha: string; status: string } & More;
}

/** A deployment: docs.gitlab.com/api/deployments. */
export interface Deployment extends More {
  id: number;
  iid: number;
  ref: string;
  sha: string;
  status?: string;
  created_at: string;
  updated_at?: string;
  environment: { id: number; name: string } & More;
}

/** A page of a wiki: docs.gitlab.com/api/wikis. */
export interface WikiPage extends More {
  slug: string;
  title: string;
  format: string;
  content: string;
}

/** A feature flag: docs.gitlab.com/api/feature_flags. */
export interface FeatureFlag extends More {
  name: string;
  description: string | null;
  active: boolean;
  created_at: string;
  updated_at: string;
}

/** The API calls this one unstable. */
export interface Vulnerability extends More {
  id: number;
  title: string;
  state: string;
  severity: string;
  created_at: string;
  updated_at: string;
}

export interface Member extends Person {
  access_level: number;
  expires_at: string | null;
}

/** A group: docs.gitlab.com/api/groups. */
export interface Group extends More {
  id: number;
  name: string;
  path: string;
  full_path: string;
  description: string | null;
  visibility: string;
  parent_id: number | null;
  web_url: string;
}

export interface User extends Person {
  created_at?: string;
}
