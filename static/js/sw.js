/**
 * The service worker: keeps one build's files on the device and knows no feature. It answers navigations under /floor/ with the cached shell
 * and never keeps an answer of /api, to a POST, or to somebody signed in. The server writes build and file list in.
 */

const BUILD = "%BUILD%";
const FILES = ["%PRECACHE%"];
const LATER = ["%LATER%"];
const SHELL = "/floor/shell";
const PREFIX = "offstage-";
const CACHE = PREFIX + BUILD;

/** Without cookies, so that nothing of a person is kept; and nothing from a login page that answers in the server's name. */
async function keep(cache, url) {
  const response = await fetch(url, {credentials: "omit", cache: url.startsWith("/static/") ? "default" : "reload"});
  const isPage = (response.headers.get("Content-Type") ?? "").startsWith("text/html");
  if (!response.ok || response.redirected || isPage !== (url === SHELL)) throw new Error(`cannot keep ${url}`);
  if (isPage && !(await response.clone().text()).includes(`/static/${BUILD}/`)) throw new Error("the shell of another build");
  await cache.put(url, response);
}

const withoutBuild = (url) => new URL(url, self.location).pathname.split("/").slice(3).join("/");

/** Whether the build before had what is kept later: who could scan without a network still can after an update. */
async function hadLater() {
  const caught = await Promise.all((await caches.keys()).filter((name) => name.startsWith(PREFIX)).map(async (name) => (await caches.open(name)).keys()));
  const had = new Set(caught.flat().map(({url}) => withoutBuild(url)));
  return LATER.some((url) => had.has(withoutBuild(url)));
}

async function install() {
  const isWhole = await hadLater();
  const cache = await caches.open(CACHE);
  try {
    await Promise.all([...FILES, ...(isWhole ? LATER : [])].map((url) => keep(cache, url)));
  } catch (error) {
    await caches.delete(CACHE); // half a build is none
    throw error;
  }
}

/** This build stays, and the one before it: pages of it may still be open. */
async function activate() {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

const kept = async (url) => (await caches.open(CACHE)).match(url);

const shell = async (request) => (await kept(SHELL)) ?? fetch(request);
const isLater = (url) => LATER.includes(new URL(url, self.location).pathname);
const file = async (request) =>
  (await kept(request.url)) ?? (await caches.match(request.url)) ?? (isLater(request.url) ? keepLater(request.url) : fetch(request));

/** What is big and not needed at once: kept when it is first asked for, or when the page says that there is time. */
async function keepLater(url) {
  if (!(await kept(url))) await keep(await caches.open(CACHE), url);
  return kept(url);
}

async function networkFirst(request, otherwise) {
  try {
    return await fetch(request);
  } catch (error) {
    const answer = await otherwise(request.url);
    if (answer) return answer;
    throw error;
  }
}

/** An office page with no network. The worker cannot know the language, so it says it in both. */
function needsNetwork() {
  const page = `<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Offstage 幕后</title><link rel="stylesheet" href="/static/${BUILD}/css/app-floor.css">
<main><h1>此页需要网络</h1><p>现场页面不需要:</p><p><a class="btn" href="/floor/today">打开现场</a></p>
<div lang="en"><h2>This page needs the network</h2><p>The floor does not:</p><p><a class="btn" href="/floor/today">Open the floor</a></p></div></main>`;
  const policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  const headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy, "Cache-Control": "no-store"};
  return new Response(page, {status: 503, headers});
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  if (event.data === "skip-waiting") self.skipWaiting();
  // What cannot be had now is fetched when it is asked for.
  if (event.data === "keep-later") event.waitUntil(Promise.all(LATER.map(keepLater)).catch(() => {}));
});
self.addEventListener("fetch", (event) => {
  const {request} = event;
  const {origin, pathname} = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || pathname.startsWith("/api/")) return;
  if (request.mode === "navigate") {
    const isFloor = pathname === "/floor" || pathname.startsWith("/floor/");
    event.respondWith(isFloor ? shell(request) : networkFirst(request, needsNetwork));
  } else if (pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (pathname === "/manifest.webmanifest") event.respondWith(networkFirst(request, kept));
});
