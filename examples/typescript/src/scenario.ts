// A day of an integration: a service account is made, which then reads, writes, imports, reports and exports.
//
//   MAHALLEH_URL       where the server is; http://127.0.0.1:8080
//   MAHALLEH_USER      a user of the province's office; province
//   MAHALLEH_PASSWORD  his password; the demo's
import { asMachine, asPerson, everyItem, importCsv, must, Refused } from './client.js';

const url = process.env.MAHALLEH_URL ?? 'http://127.0.0.1:8080';
const day = (after: number) => new Date(Date.now() + after * 86_400_000).toISOString().slice(0, 10);
// Codes are unique in a province; another run makes another.
const code = `EX-${Date.now().toString(36)}`;

// Somebody of the office makes the service account, once. The secret is shown in this answer and never again.
const office = await asPerson(url, process.env.MAHALLEH_USER ?? 'province', process.env.MAHALLEH_PASSWORD ?? 'mahalleh-demo');
const account = must(await office.POST('/api/v1/clients', { body: { name: `Example ${code}`, role: 'province', valid_to: day(1) } }));
if (account.client_secret === null) throw new Error('a new account shows its secret');
const machine = asMachine(url, account.client_id, account.client_secret);
const me = must(await machine.GET('/api/v1/me'));
console.log(`1. logged in as ${me.role} of ${me.province}`);

// A list, to its end.
const counts = new Map<string, number>();
const initiatives = everyItem(async (cursor) =>
  must(await machine.GET('/api/v1/initiatives', { params: { query: { limit: 25, ...(cursor && { cursor }) } } })),
);
for await (const { status } of initiatives) counts.set(status, (counts.get(status) ?? 0) + 1);
console.log(`2. read ${[...counts.values()].reduce((sum, n) => sum + n)} initiatives in ${counts.size} statuses`);

// What a new initiative refers to is found by code.
const place = must(await machine.GET('/api/v1/neighborhoods', { params: { query: { code: 'sheikhabad' } } })).items[0];
const agency = must(await machine.GET('/api/v1/agencies', { params: { query: { code: 'sport' } } })).items[0];
if (!place || !agency) throw new Error('this is written for the demo');
const initiative = must(
  await machine.POST('/api/v1/initiatives', {
    params: { header: { 'Idempotency-Key': code } },
    body: {
      code,
      neighborhood_id: place.id,
      domain: 'sport',
      title: 'باشگاه والیبال بانوان',
      starts_on: day(10),
      due_on: day(200),
      lead_agency_id: agency.id,
    },
  }),
);
console.log(`3. created ${initiative.code} as ${initiative.status}, version ${initiative.version}`);

// A change names the version that was read. The second one comes too late, and the refusal says which version there is.
const change = (version: number, body: { weight?: number; budget_planned_rial?: number }) =>
  machine.PATCH('/api/v1/initiatives/{id}', {
    params: { path: { id: initiative.id }, header: { 'If-Match': `"${version}"` } },
    headers: { 'Content-Type': 'application/merge-patch+json' },
    body,
  });
must(await change(1, { budget_planned_rial: 2_500_000_000 }));
const late = await change(1, { weight: 20 });
if (late.error?.code !== 'stale_version') throw new Error('expected 412');
console.log(`4. ${late.error.status} ${late.error.code}: it is at version ${late.error.current_version}`);

// All faults come at once, each with its place.
try {
  must(await change(2, { weight: 500, budget_planned_rial: -1 }));
} catch (refused) {
  if (!(refused instanceof Refused)) throw refused;
  const faults = refused.problem.errors ?? [];
  console.log(`5. ${refused.problem.status} ${refused.problem.code}: ${faults.map((fault) => `${fault.pointer} ${fault.code}`).join(', ')}`);
}

// A file of responsibilities, by codes alone.
const job = await importCsv(
  machine,
  'responsibilities',
  [
    'initiative_code,code,agency_code,part,title,due_on',
    `${code},01,sport,lead,آماده‌سازی سالن,${day(60)}`,
    `${code},02,municipality,support,روشنایی معابر,${day(90)}`,
  ].join('\n'),
);
if (job.state !== 'succeeded') {
  const rows = await machine.GET('/api/v1/imports/{id}/rows', { params: { path: { id: job.id }, query: { outcome: 'rejected' } } });
  throw new Error(`${job.state}: ${JSON.stringify(job.error ?? must(rows).items)}`);
}
console.log(`6. imported ${job.rows_total} rows: ${job.created} created, ${job.rejected} rejected`);

// Machines prepare, people decide: what moves a thing along its lifecycle is done under one's own name.
const moved = must(
  await office.POST('/api/v1/initiatives/{id}/transitions', { params: { path: { id: initiative.id } }, body: { to: 'proposed' } }),
);
console.log(`7. moved to ${moved.status}; next may be ${moved.allowed_transitions.join(', ')}`);

const report = must(await machine.GET('/api/v1/reports/neighborhoods', { params: { query: { domain: 'sport', sort: 'name' } } }));
const row = report.rows.find((one) => one.neighborhood.code === place.code);
console.log(`8. the report of ${report.rows.length} neighborhoods: ${row?.neighborhood.code} has ${row?.initiatives.total} in sport`);

const file = must(
  await machine.GET('/api/v1/initiatives/export', { params: { query: { format: 'csv', code } }, parseAs: 'text' }),
);
const [heading = '', ...lines] = file.trimEnd().split('\r\n');
console.log(`9. exported ${lines.length} row; the columns begin with ${heading.split(',').slice(0, 3).join(', ')}`);

// The account has done its work.
must(
  await office.PATCH('/api/v1/clients/{id}', {
    params: { path: { id: account.id }, header: { 'If-Match': `"${account.version}"` } },
    body: { active: false },
  }),
);
console.log('10. closed the account');
