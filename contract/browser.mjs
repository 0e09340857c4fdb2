// browser.mjs MAHALLEH [FOLDER]: exit 1 unless the page at /docs/ does in a browser what docs/browsing.md says of it.
//
// The browser reaches nothing but the server that is started here. FOLDER takes pictures of the page.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strict as assert } from 'node:assert';
import { chromium } from 'playwright-core';

const [, , program, pictures] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];
const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

/** Runs a command of the product on a database of its own, and gives what it prints until it listens. */
async function started(folder, command) {
  const environment = {
    ...process.env, DATABASE_URL: `sqlite:${join(folder, `${command}.db`)}`,
    MAHALLEH_LOG: 'warn', MAHALLEH_BIND: '127.0.0.1:0', MAHALLEH_MANAGEMENT_BIND: '127.0.0.1:0',
  };
  const server = spawn(program, [command], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const piece of server.stdout.setEncoding('utf8')) {
    said += piece;
    const origin = said.match(/listens on (http:\S+)/)?.[1];
    if (origin) return { server, origin, said };
  }
  throw new Error(`mahalleh ${command} ended: ${said}`);
}

/** A page, and all that must not happen on it. */
async function opened(browser, origin, language) {
  const context = await browser.newContext({ locale: language, viewport: { width: 1280, height: 900 } });
  // A busy machine hashes a password slowly.
  context.setDefaultTimeout(90_000);
  const page = await context.newPage();
  const faults = [];
  await page.exposeFunction('violated', (what) => faults.push(`against the policy: ${what}`));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) =>
    window.violated(`${event.effectiveDirective} ${event.blockedURI}`)));
  await context.route(() => true, (route) => {
    const url = route.request().url();
    if (new URL(url).origin === origin) return route.continue();
    faults.push(`asks another server: ${url}`);
    return route.abort();
  });
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(`in the console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`thrown: ${error}`));
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()}`));
  const answer = await page.goto(`${origin}/docs/`);
  assert.equal(answer.status(), 200);
  const policy = answer.headers()['content-security-policy'] ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  return { page, faults, done: () => context.close() };
}

/** The page shows each tag and each operation of the document. */
async function showsAll(page, origin) {
  const document = await (await fetch(`${origin}/openapi.json`)).json();
  const operations = Object.values(document.paths)
    .flatMap((path) => METHODS.filter((method) => path[method]).map((method) => path[method]));
  await page.locator('.opblock').nth(operations.length - 1).waitFor();
  const ids = await page.locator('.opblock').evaluateAll((all) => all.map((one) => one.id));
  const wanted = operations.map((one) => `operations-${one.tags[0]}-${one.operationId}`);
  assert.deepEqual(ids.sort(), wanted.sort());
  const tags = await page.locator('.opblock-tag').evaluateAll((all) => all.map((one) => one.dataset.tag));
  assert.deepEqual(tags.sort(), document.tags.map((tag) => tag.name).sort());
  console.log(`  ${tags.length} tags, ${ids.length} operations`);
}

/** Opens an operation, tries it out, and gives the status that the page shows. */
async function triedOut(page, tag, operation) {
  const block = page.locator(`#operations-${tag}-${operation}`);
  if (!(await block.locator('.try-out__btn').isVisible())) await block.locator('.opblock-summary-control').click();
  const tryOut = block.locator('.try-out__btn:not(.cancel)');
  if (await tryOut.isVisible()) await tryOut.click();
  const answer = page.waitForResponse((response) => !/\/docs\/|\/openapi\.json/.test(response.url()));
  await block.locator('.execute').click();
  const body = await (await answer).text();
  const status = block.locator('.live-responses-table .response-col_status').last();
  await status.waitFor();
  return { status: parseInt(await status.textContent(), 10), body };
}

/** What public rules for accessibility (WCAG 2.2 AA) say of the bar and the panel. */
async function isAccessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations, passes } = await window.axe.run({ exclude: ['.swagger-ui'] }, { runOnly: tags });
    return { passes: passes.length, violations: violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`) };
  });
  assert.deepEqual(found.violations, []);
  assert.ok(found.passes > 10, 'axe has looked at too little');
}

/** An address that names an operation opens it, its heading in sight below the bar. */
async function leadsTo(page, origin, tag, operation) {
  // From elsewhere, or the browser would take the place where the page stood.
  await page.goto('about:blank');
  await page.goto(`${origin}/docs/#/${tag}/${operation}`);
  const heading = page.locator(`#operations-${tag}-${operation} .opblock-summary`);
  await page.locator(`#operations-${tag}-${operation}.is-open`).waitFor();
  const inSight = async () => {
    const [top, bar] = [(await heading.boundingBox())?.y, await page.locator('#bar').boundingBox()];
    return top >= bar.y + bar.height && top < 450;
  };
  for (let tries = 0; !(await inSight()); tries += 1) {
    assert.ok(tries < 50, `${operation} is not in sight: ${JSON.stringify(await heading.boundingBox())}`);
    await page.waitForTimeout(100);
  }
}

const picture = (page, name) => pictures && page.screenshot({ path: join(pictures, `${name}.png`) });

async function demo(browser, origin) {
  for (const [language, direction] of [['fa', 'rtl'], ['en', 'ltr']]) {
    const { page, faults, done } = await opened(browser, origin, language);
    await showsAll(page, origin);
    assert.deepEqual(await page.locator('html').evaluate((html) => [html.lang, html.dir]), [language, direction]);
    assert.equal((await triedOut(page, 'auth', 'getJwks')).status, 200);
    await picture(page, `anonymous-${language}`);
    // Two clicks.
    await page.locator('#login').click();
    await picture(page, `accounts-${language}`);
    await isAccessible(page);
    await page.locator('#panel button[value="manager-pardisan"]').click();
    await page.getByRole('status').getByText('manager-pardisan').waitFor();
    const me = await triedOut(page, 'auth', 'getMe');
    assert.equal(me.status, 200);
    assert.equal(JSON.parse(me.body).username, 'manager-pardisan');
    assert.equal((await triedOut(page, 'initiatives', 'listInitiatives')).status, 200);
    await isAccessible(page);
    await picture(page, `tried-${language}`);
    await leadsTo(page, origin, 'responsibilities', 'createResponsibility');
    await page.getByRole('status').getByText('manager-pardisan').waitFor();
    await page.locator('#logout').click();
    await page.locator('#login').waitFor();
    assert.deepEqual(faults, []);
    // A refusal is shown as such by the browser itself; nothing else may be.
    assert.equal((await triedOut(page, 'auth', 'getMe')).status, 401);
    assert.deepEqual(faults.splice(0).filter((fault) => !/status of 401/.test(fault)), []);
    await page.locator('#other').click();
    await page.locator(`html[lang=${language === 'fa' ? 'en' : 'fa'}]`).waitFor();
    await done();
  }
}

/** A server that is no demo names nobody, and takes a name and a password. */
async function office(browser, origin, password) {
  const { page, faults, done } = await opened(browser, origin, 'en');
  await showsAll(page, origin);
  assert.equal(await page.locator('.account').count(), 0);
  assert.doesNotMatch(await page.content(), /mahalleh-demo/);
  await page.locator('#login').click();
  await isAccessible(page);
  await picture(page, 'form-en');
  await page.locator('#panel').getByLabel('Username').fill('province');
  await page.locator('#panel').getByLabel('Password').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
  assert.deepEqual(faults.splice(0).filter((fault) => !/status of 401/.test(fault)), []);
  await page.locator('#panel').getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('province', { exact: true }).waitFor();
  assert.equal((await triedOut(page, 'users', 'listUsers')).status, 200);
  assert.deepEqual(faults, []);
  await done();
}

const folder = mkdtempSync(join(tmpdir(), 'mahalleh-docs-'));
const servers = [];
let browser;
try {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  console.log(`${browser.version()}: a demo`);
  const one = await started(folder, 'demo');
  servers.push(one.server);
  await demo(browser, one.origin);
  console.log('a server of an office');
  const two = await started(folder, 'serve');
  servers.push(two.server);
  await office(browser, two.origin, two.said.match(/password (\S+)/)[1]);
  console.log('all as it should be');
} finally {
  await browser?.close();
  for (const server of servers) server.kill();
  rmSync(folder, { recursive: true, force: true });
}
