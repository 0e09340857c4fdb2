// Swagger UI, and the bar above it: who is logged in, by whose token "Try it out" then works.
"use strict";

const SCHEME = "bearer";
// A token is renewed when it has less than this to live.
const MARGIN_MS = 30_000;
// The demo's account that a reload logs in again; a token is kept in no storage.
const REMEMBERED = "mahalleh-demo-account";

const part = (id) => document.getElementById(id);
const [bar, panel, status, failure] = ["bar", "panel", "status", "failure"].map(part);
const language = document.documentElement.lang;
const forget = () => sessionStorage.removeItem(REMEMBERED);

let session = null;
let renewing = null;

/** Asks the API; a refusal is thrown as its problem document. */
async function post(path, body) {
  const headers = { "content-type": "application/json", "accept-language": language };
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body), credentials: "omit" });
  } catch {
    throw { detail: bar.dataset.unreachable };
  }
  const text = await answer.text();
  const value = text ? JSON.parse(text) : null;
  if (!answer.ok) throw value;
  return value;
}

/** Keeps a pair of tokens, and gives the token to Swagger UI. */
function keep(pair) {
  session = { access: pair.access_token, refresh: pair.refresh_token, until: Date.now() + pair.expires_in * 1000 };
  ui.preauthorizeApiKey(SCHEME, session.access);
  return pair.user;
}

function show(text, loggedIn) {
  status.textContent = text;
  part("login").hidden = loggedIn;
  part("logout").hidden = !loggedIn;
}

function shown(user) {
  const name = document.createElement("bdi");
  name.textContent = user.display_name;
  const code = document.createElement("code");
  code.dir = "ltr";
  code.textContent = user.username;
  status.append(name, " ", code);
}

/** Logs in, or says why not. */
async function login(credentials) {
  failure.textContent = "";
  status.textContent = bar.dataset.pending;
  try {
    const user = keep(await post("/auth/login", credentials));
    panel.hidePopover();
    show(bar.dataset.as, true);
    shown(user);
    // The button that had the focus is gone.
    if (!document.activeElement || document.activeElement === document.body) part("logout").focus({ preventScroll: true });
    return true;
  } catch (problem) {
    status.textContent = bar.dataset.anonymous;
    failure.textContent = problem?.detail ?? problem?.title ?? bar.dataset.unreachable;
    return problem;
  }
}

function leave(text) {
  session = null;
  forget();
  ui.authActions.logout([SCHEME]);
  show(text, false);
}

async function logout() {
  const { refresh } = session;
  leave(bar.dataset.anonymous);
  part("login").focus({ preventScroll: true });
  // A session that can't be ended now expires.
  await post("/auth/logout", { refresh_token: refresh }).catch(() => {});
}

/** Another pair before the present token runs out; several requests at once wait for the same one. */
async function renewed() {
  if (Date.now() < session.until - MARGIN_MS) return;
  renewing ??= post("/auth/refresh", { refresh_token: session.refresh })
    .then(keep, () => leave(bar.dataset.ended))
    .finally(() => { renewing = null; });
  await renewing;
}

/** Every request of Swagger UI: messages in the page's language, and a token that still lives. */
async function prepared(request) {
  const headers = (request.headers ??= {});
  if (!Object.keys(headers).some((name) => name.toLowerCase() === "accept-language")) headers["Accept-Language"] = language;
  if (session && headers.Authorization === `Bearer ${session.access}`) {
    await renewed();
    if (session) headers.Authorization = `Bearer ${session.access}`;
    else delete headers.Authorization;
  }
  return request;
}

function account(username) {
  return login({ username, password: part("accounts").dataset.secret });
}

part("accounts")?.addEventListener("click", async (event) => {
  const chosen = event.target.closest("button.account");
  if (chosen && (await account(chosen.value)) === true) sessionStorage.setItem(REMEMBERED, chosen.value);
});

part("form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  const refused = await login(given);
  const lacking = refused?.errors?.find((fault) => fault.pointer === "/province");
  // With a province beside it, the same password is sent again.
  if (!lacking) form.elements.password.value = "";
  if (refused === true) return;
  if (lacking) {
    failure.textContent = `${part("province-label").textContent}: ${lacking.message}`;
    for (const field of form.querySelectorAll("[hidden]")) field.hidden = false;
    form.elements.province.required = true;
    form.elements.province.focus();
  } else {
    form.elements.password.focus();
  }
});

part("logout").addEventListener("click", logout);
panel.addEventListener("toggle", () => { failure.textContent = ""; });
// Swagger UI would take the address for one of its own and keep the focus where it is.
document.querySelector("a.skip").addEventListener("click", (event) => {
  event.preventDefault();
  part("operations").focus();
});
// The other language shows the same operation.
part("other").addEventListener("click", (event) => { event.currentTarget.hash = location.hash; });

/** The document without the examples of what may be left out: Swagger UI would send them, and a cursor that is an example leads nowhere. */
function sendable(document) {
  const operations = Object.values(document.paths).flatMap((path) => [path, ...Object.values(path)]);
  const parameters = [...Object.values(document.components.parameters ?? {}), ...operations.flatMap((one) => one?.parameters ?? [])];
  for (const parameter of parameters.filter((one) => !one.required)) {
    for (const holder of [parameter, parameter.schema, parameter.schema?.items]) {
      delete holder?.example;
      delete holder?.examples;
    }
  }
  return document;
}

/** An operation that an address leads to comes to lie below the bar; Swagger UI's own way of scrolling knows nothing of that. */
const belowBar = () => ({
  statePlugins: { layout: { wrapActions: { scrollToElement: () => (element) => element.scrollIntoView() } } },
});

let ui = null;

async function begin() {
  const document = await (await fetch("/openapi.json")).json();
  ui = SwaggerUIBundle({
    spec: sendable(document),
    domNode: part("operations"),
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    validatorUrl: null,
    deepLinking: true,
    filter: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: 0,
    requestSnippetsEnabled: true,
    requestInterceptor: prepared,
    plugins: [belowBar],
    onComplete() {
      part("login").disabled = false;
      const before = sessionStorage.getItem(REMEMBERED);
      if (before && part("accounts") && !session) account(before).then((done) => done === true || forget());
    },
  });
}

begin().catch(() => { part("operations").textContent = bar.dataset.unreachable; });
