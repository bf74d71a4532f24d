/** The webhooks of a Strapi in memory, as its admin's API shows them. */
export const ADMIN_TOKEN = "token-of-the-admin";

export interface StrapiHook {
  id: number;
  name: string;
  url: string;
  headers: Record<string, string>;
  events: string[];
  isEnabled: boolean;
}

const KNOWN = /^(entry\.(create|update|delete|publish|unpublish|draft-discard)|media\.(create|update|delete))$/;

export class StrapiHooks {
  readonly all: StrapiHook[] = [];
  /** `"PUT 2"` */
  readonly changes: string[] = [];

  add(more: Partial<StrapiHook>): StrapiHook {
    const id = this.all.length + 1;
    const hook = { id, name: `hook ${id}`, url: "", headers: {}, events: [], ...more, isEnabled: true };
    this.all.push(hook);
    return hook;
  }

  async answer(request: Request): Promise<Response> {
    const [, id] = new URL(request.url).pathname.slice("/admin/".length).split("/");
    if (request.headers.get("authorization") !== `Bearer ${ADMIN_TOKEN}`) {
      return Response.json({ error: { status: 401, name: "UnauthorizedError" } }, { status: 401 });
    }
    if (request.method === "GET") return Response.json({ data: this.all });
    this.changes.push(`${request.method} ${id ?? ""}`);
    const given: StrapiHook = JSON.parse(await request.text());
    if (given.name === "" || !given.events.every((event) => KNOWN.test(event))) {
      return Response.json({ error: { status: 400, name: "ValidationError" } }, { status: 400 });
    }
    const hook = this.all.find((one) => String(one.id) === id);
    return Response.json({ data: hook ? Object.assign(hook, given) : this.add(given) });
  }
}
