/**
 * The access token: asked for once for all who need it, kept until shortly before it ends.
 * @module
 */
import { type Access, type Client, createClient, type Fetch } from "tidemark/client";
import { z } from "zod";

/** Milliseconds before its end at which a token is no longer used. */
const MARGIN = 60_000;

const granted = z.object({ access_token: z.string().min(1), expires_in: z.number() });

/** The application's own, at PayPal. */
export interface Credential {
  url: string;
  clientId: string;
  clientSecret: string;
  fetch?: Fetch | undefined;
}

/** Gives a token, and takes back one that was refused. */
export interface Tokens {
  /** @throws AccessLost if PayPal refuses the credential */
  current(access: Access): Promise<string>;
  /** The next token is a new one, unless this one was already replaced. */
  refuse(token: string): void;
}

/** Tokens of a REST app, by its client id and secret. */
export function createTokens({ url, clientId, clientSecret, fetch }: Credential): Tokens {
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  const client = createClient({ name: "PayPal", url, headers: { authorization }, ...(fetch && { fetch }) });
  let kept: { token: string; until: number } | undefined;
  let flight: { signal: AbortSignal; answer: Promise<string> } | undefined;

  const ask = async (access: Access): Promise<string> => {
    try {
      const { token, until } = await grant(client, access);
      kept = { token, until };
      return token;
    } finally {
      flight = undefined;
    }
  };
  return {
    async current(access) {
      if (kept && access.now() < kept.until) return kept.token;
      flight ??= { signal: access.signal, answer: ask(access) };
      const { signal, answer } = flight;
      try {
        return await answer;
      } catch (error) {
        // Whoever asked was stopped: that is no reason for those who only waited.
        if (!signal.aborted || access.signal.aborted) throw error;
        return this.current(access);
      }
    },
    refuse(token) {
      if (kept?.token === token) kept = undefined;
    },
  };
}

async function grant(client: Client, access: Access): Promise<{ token: string; until: number }> {
  const asked = access.now();
  const { body } = await client.post("v1/oauth2/token", access, {
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token, expires_in } = granted.parse(body);
  return { token: access_token, until: asked + expires_in * 1_000 - MARGIN };
}
