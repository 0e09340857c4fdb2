// Compiled with the generated types: that they hold what the document says, and not `any`.
import createClient from 'openapi-fetch';
import type { paths } from './mahalleh.js';

const api = createClient<paths>({ baseUrl: 'http://127.0.0.1:8080' });

export async function stale(id: string): Promise<number | undefined> {
  const { data, error } = await api.PATCH('/api/v1/initiatives/{id}', {
    params: { path: { id }, header: { 'If-Match': '"1"' } },
    body: { weight: 20, due_on: null },
  });
  // @ts-expect-error: a patch names the version that was read.
  await api.PATCH('/api/v1/initiatives/{id}', { params: { path: { id } }, body: {} });
  // @ts-expect-error: there is no such field.
  data?.no_such_field;
  return data ? data.version : error.current_version;
}
