/** Who writes in Strapi: an application through the REST API, an editor as the admin's pages do. And what is there then. */
import assert from "node:assert/strict";
import type { Server } from "./server.ts";

type Body = Record<string, unknown> | FormData;
export interface Row extends Record<string, unknown> {
  id: number;
  documentId: string;
  updatedAt: string;
  publishedAt: string | null;
  locale?: string;
}

/** Asks Strapi, and fails where it does not answer with one of the statuses. */
async function ask(url: string, token: string, method: string, body: Body | undefined, allow: readonly number[] = []) {
  const json = body !== undefined && !(body instanceof FormData);
  const request = {
    method,
    headers: { authorization: `Bearer ${token}`, ...(json && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: json ? JSON.stringify(body) : body }),
  };
  // Strapi closes a connection that was idle for 5 s, also while it is taken up again. Done twice is no harm: what there is
  // in the end is compared.
  const response = await fetch(url, request).catch(() => fetch(url, request));
  const text = await response.text();
  assert.ok(response.ok || allow.includes(response.status), `${method} ${url}: ${response.status} ${text}`);
  return text === "" ? null : JSON.parse(text);
}

/** The REST API, with an API token. */
export function application({ url, token }: Server) {
  const call = (method: string, path: string, data?: Row | object, allow?: number[]) =>
    ask(`${url}/api/${path}`, token, method, data && { data }, allow).then((body): Row => body?.data ?? body);
  return {
    create: (path: string, data: object) => call("POST", path, data),
    /** `allow`: what else may be answered, where others write, too. */
    update: (path: string, data: object, allow?: number[]) => call("PUT", path, data, allow),
    remove: (path: string, allow?: number[]) => call("DELETE", path, undefined, allow),
    upload(name: string, text: string): Promise<{ id: number }[]> {
      const form = new FormData();
      form.append("files", new Blob([text], { type: "text/plain" }), name);
      return ask(`${url}/api/upload`, token, "POST", form);
    },
    rename(id: number, name: string) {
      const form = new FormData();
      form.append("fileInfo", JSON.stringify({ name }));
      return ask(`${url}/api/upload?id=${id}`, token, "POST", form);
    },
  };
}
export type Application = ReturnType<typeof application>;

/** The first administrator. */
export async function editor({ url }: Server) {
  const person = { email: "a@example.com", firstname: "A", lastname: "B", password: "Passw0rd-1" };
  const { data } = await ask(`${url}/admin/register-admin`, "", "POST", person);
  const call = (method: string, path: string, body: Body, allow?: number[]) =>
    ask(`${url}/${path}`, data.token, method, body, allow);
  const act = (uid: string, path: string, body: Body, allow?: number[]) =>
    call("POST", `content-manager/collection-types/${uid}/${path}`, body, allow);
  type Action = "publish" | "unpublish" | "discard";
  return {
    act: (uid: string, documentId: string, action: Action, allow?: number[]) =>
      act(uid, `${documentId}/actions/${action}`, {}, allow),
    removeAll: (uid: string, documentIds: string[]) => act(uid, "actions/bulkDelete", { documentIds }),
    async removeLocale(code: string) {
      const locales: { id: number; code: string }[] = await ask(`${url}/i18n/locales`, data.token, "GET", undefined);
      await ask(`${url}/i18n/locales/${locales.find((one) => one.code === code)?.id}`, data.token, "DELETE", undefined);
    },
    removeFiles: (fileIds: number[]) => call("POST", "upload/actions/bulk-delete", { fileIds, folderIds: [] }),
  };
}
export type Editor = Awaited<ReturnType<typeof editor>>;

/** What is there, by type and id, asked for in another way than the provider asks. */
export async function truthOf({ url, token }: Server): Promise<Map<string, Row>> {
  const truth = new Map<string, Row>();
  const get = (path: string, allow?: number[]) => ask(`${url}/api/${path}`, token, "GET", undefined, allow);
  const list = async (type: string, path: string, idOf: (row: Row) => string) => {
    for (let page = 1, pages = 1; page <= pages; page++) {
      const { data, meta } = await get(`${path}&sort=documentId&pagination[page]=${page}&pagination[pageSize]=50`);
      for (const row of data) truth.set(`${type} ${idOf(row)}`, row);
      pages = meta.pagination.pageCount;
    }
  };
  for (const status of ["draft", "published"]) {
    await list("article", `articles?status=${status}`, ({ documentId }) => `${documentId}/${status}`);
    for (const { code } of await get("i18n/locales")) {
      await list(
        "page",
        `pages?status=${status}&locale=${code}`,
        ({ documentId }) => `${documentId}/${code}/${status}`,
      );
    }
    const { data } = await get(`homepage?status=${status}`, [404]);
    if (data) truth.set(`homepage ${data.documentId}/${status}`, data);
  }
  await list("note", "notes?populate[article]=true", ({ documentId }) => documentId);
  for (const file of await get("upload/files")) truth.set(`file ${file.id}`, file);
  return truth;
}
