// What every integration needs: a typed client for a person and for a machine, refusals as errors, lists to their end,
// imports to theirs. `mahalleh.d.ts` is generated from the document: npm run generate.
import { randomUUID } from 'node:crypto';
import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './mahalleh.js';

export type Schemas = components['schemas'];
export type Api = Client<paths>;

/** What the server refused: a problem document (RFC 9457) with a stable `code` and, where values are wrong, every fault. */
export class Refused extends Error {
  constructor(readonly problem: Schemas['Problem']) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`);
  }
}

/** The data of an answer; a refusal is thrown. */
export function must<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.error !== undefined) {
    // Whatever the status, the document promises a problem; a proxy in between does not.
    if (isProblem(answer.error)) throw new Refused(answer.error);
    throw new Error(`${answer.response.status}: ${JSON.stringify(answer.error)}`);
  }
  return answer.data as T;
}

function isProblem(error: unknown): error is Schemas['Problem'] {
  return typeof error === 'object' && error !== null && 'code' in error && 'request_id' in error;
}

/** A client whose requests carry a token; texts for people come in English. */
function withToken(url: string, token: () => Promise<string>): Api {
  const api = createClient<paths>({ baseUrl: url, headers: { 'Accept-Language': 'en' } });
  api.use({
    async onRequest({ request }) {
      request.headers.set('Authorization', `Bearer ${await token()}`);
      return request;
    },
  });
  return api;
}

/** A person logs in. His token lives for 15 minutes, which is enough here; a longer session goes on with `refreshTokens`. */
export async function asPerson(url: string, username: string, password: string): Promise<Api> {
  const pair = must(await createClient<paths>({ baseUrl: url }).POST('/api/v1/auth/login', { body: { username, password } }));
  return withToken(url, async () => pair.access_token);
}

/** A service account takes a token when it needs one, and another a minute before that one ends. */
export function asMachine(url: string, clientId: string, clientSecret: string): Api {
  const anonymous = createClient<paths>({ baseUrl: url });
  let token = { value: '', goodUntil: 0 };
  return withToken(url, async () => {
    if (Date.now() > token.goodUntil) {
      const given = must(
        await anonymous.POST('/api/v1/oauth/token', {
          // Form-encoded by openapi-fetch, because of this header (RFC 6749).
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          body: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret },
        }),
      );
      token = { value: given.access_token, goodUntil: Date.now() + (given.expires_in - 60) * 1000 };
    }
    return token.value;
  });
}

/** All items of a list, page by page: `get` asks for the page after a cursor. */
export async function* everyItem<T>(get: (cursor?: string) => Promise<{ items: T[]; next_cursor: string | null }>): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page = await get(cursor);
    yield* page.items;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

/** Hands a CSV file in and waits until the server is through with it. */
export async function importCsv(api: Api, dataset: Schemas['DatasetName'], csv: string): Promise<Schemas['Import']> {
  let job = must(
    await api.POST('/api/v1/imports', {
      // A small file is done before the answer comes. The key makes it safe to send the same again.
      params: { query: { dataset, format: 'csv' }, header: { Prefer: 'wait=10', 'Idempotency-Key': randomUUID() } },
      headers: { 'Content-Type': 'application/octet-stream' },
      body: csv,
      bodySerializer: (body) => body as string,
    }),
  );
  while (job.state === 'queued' || job.state === 'running') {
    await new Promise((resume) => setTimeout(resume, 1000));
    job = must(await api.GET('/api/v1/imports/{id}', { params: { path: { id: job.id } } }));
  }
  return job;
}
