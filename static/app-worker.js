// The service worker of one program: keeps the program's shell, so that every address of it opens without a network, and the public pages
// that were visited here, as they were then. Calls to the portal are POSTs and pass by; pages for somebody in particular, and addresses
// that tell what somebody looks for, are not kept.
"use strict";

const version = "{{version}}";
// The program's name and the path below which it lies; beside are the paths of other programs below that.
const program = {{program}};
const base = {{base}};
const beside = {{beside}};
// The files of the shell, each with its hash: those whose names carry one are the same for ever, of the others the hash tells.
const files = {{files}};
// Files that pages name and load when they are wanted: not kept, but of this version they are.
const named = {{named}};
// Each language with the files that only who reads it needs. Those of a language are kept when it was read on this device.
const languages = {{languages}};
// The page into which the program draws any of its pages, and the routes; "keep" stands at those whose documents the portal writes.
const shell = {{shell}};
const routes = {{routes}};
const frame = routes.find(({ path }) => path === shell).page;
const patience = 3000;

const own = "madoguchi-" + program + "-";
const cacheName = own + version;
const visited = own + "visited";
const settings = "madoguchi-settings"; // of all programs
// The entry that is written last: a cache without it is of an install that did not end.
const whole = "/whole";

// Pages of the shell are shown as they were kept, where the portal had them so within this time: milliseconds.
const recent = {{recent}};

// What of visited pages is kept: so many, so many bytes of HTML, and of those with a query such as these alone.
const mostPages = 40;
const mostBytes = 1 << 20;
const harmless = ["place"];

// --- the shell

self.addEventListener("install", (event) => event.waitUntil(fill()));

// fill gets what this version needs: what an install before had got already stays, what the version before has is copied, the rest is
// fetched. Whatever is missing ends it, and the version before goes on, whole; the next time it begins where it stopped.
async function fill() {
  const before = [];
  for (const name of await caches.keys()) {
    if (!isShell(name) || name === cacheName) continue;
    if (name.startsWith(own) && !await caches.match(whole, { cacheName: name })) await caches.delete(name);
    else before.push(name);
  }
  const cache = await caches.open(cacheName);
  const read = await languagesRead(before);
  for (const [path, hash] of Object.entries(files)) await take(cache, path, hash, before);
  for (const code of read) await takeLanguage(cache, code, before);
  await cache.put(whole, new Response(version));
}

async function takeLanguage(cache, code, before) {
  for (const [path, hash] of Object.entries(languages[code])) await take(cache, path, hash, before);
  for (const route of routes) {
    if (route.alone || route.path === shell) await cache.put(pageKey(route.page, code), await ownDocument(route.path, code));
  }
}

// isShell tells the caches with a version of this program; those of the first program once had no name in theirs.
function isShell(name) {
  return name.startsWith(own) && name !== visited || base === "/" && /^madoguchi-[0-9a-f]{16}$/.test(name);
}

async function take(cache, path, hash, before) {
  const key = fileKey(path, hash);
  if (await cache.match(key)) return;
  for (const name of before) {
    const known = await caches.match(key, { cacheName: name });
    if (known) return cache.put(key, known);
  }
  await cache.put(key, await fetchFile(path, hash));
}

// fetchFile fetches a file that must be the one that was packed: in the midst of a deploy another may come.
async function fetchFile(path, hash) {
  const ask = async (how) => {
    const response = await fetch(path, { integrity: "sha256-" + hash, credentials: "same-origin", cache: how });
    if (!response.ok) throw new Error(path + ": " + response.status);
    return response;
  };
  const lasting = fileKey(path, hash) === path;
  try {
    return await ask(lasting ? "default" : "no-cache");
  } catch (error) {
    if (!lasting) throw error;
    return ask("reload"); // should the browser's own copy be damaged
  }
}

// ownDocument is a page of this version, in a language.
async function ownDocument(path, code) {
  const response = await fetch(path + "?lang=" + code, { cache: "no-cache", credentials: "omit" });
  if (!response.ok) throw new Error(path + ": " + response.status);
  const body = await response.text();
  if (renewed(body) !== body) throw new Error(path + " is of another version");
  return kept(body, response, keptNow());
}

// kept is an answer to be kept. The headers stay, the security policy above all; those that speak of the transfer do not.
function kept(body, response, more) {
  const headers = new Headers(response.headers);
  ["Content-Encoding", "Content-Length", "Vary"].forEach((name) => headers.delete(name));
  Object.entries(more || {}).forEach(([name, value]) => headers.set(name, value));
  return new Response(body, { headers });
}

// renewed is a document with the names that its files have in this version; null when it wants one that there is none of.
function renewed(body) {
  let all = true;
  const document = body.replace(asset, (path) => {
    const now = assets[plainName(path)];
    all &&= Boolean(now);
    return now;
  });
  return all ? document : null;
}

const asset = new RegExp(base + "assets/[\\w-]+\\.[0-9a-f]{16}\\.\\w+", "g");
const plainName = (path) => path.replace(/\.[0-9a-f]{16}\./, ".");
const everything = Object.assign({}, files, ...Object.values(languages));
const assets = Object.fromEntries([...Object.keys(everything), ...named].map((path) => [plainName(path), path]));

function fileKey(path, hash) {
  return plainName(path) === path ? path + "?" + encodeURIComponent(hash) : path;
}

// pageKey is what a page of this version is kept under that is the same for everybody.
function pageKey(page, code) {
  return "/page/" + code + "/" + page;
}

// languagesRead are the language of the page, and those whose texts the version before keeps.
async function languagesRead(before) {
  const read = new Set([await language(self.location)]);
  for (const name of before) {
    for (const { url } of await (await caches.open(name)).keys()) {
      const [, code] = /\/assets\/text-([^.]+)\./.exec(url) || [];
      if (code in languages) read.add(code);
    }
  }
  return [...read];
}

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) {
    if (isShell(name) && name !== cacheName) await caches.delete(name);
  }
  await self.clients.claim();
})()));

self.addEventListener("message", (event) => {
  const message = event.data || {};
  if (message.type === "activate") event.waitUntil(self.skipWaiting());
  if (message.type === "language" && message.language in languages) event.waitUntil(remember(message.language));
  if (message.type === "visited") event.waitUntil(arrived(message.address));
  if (message.type === "forget") event.waitUntil(forget());
});

async function remember(code) {
  await (await caches.open(settings)).put("/language", new Response(code));
  if (await found(pageKey(frame, code), cacheName)) return;
  // A worker that the next version has replaced leaves no cache behind.
  if (await caches.has(cacheName)) await takeLanguage(await caches.open(cacheName), code, []);
}

async function language(url) {
  const first = Object.keys(languages)[0];
  const asked = new URLSearchParams(url.search).get("lang");
  if (asked in languages) return asked;
  const chosen = await caches.match("/language", { cacheName: settings });
  const code = chosen ? await chosen.text() : first;
  return code in languages ? code : first;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === "POST" && request.mode === "navigate" && url.href === location.origin + base + "shared") {
    return event.respondWith(shared(request));
  }
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    const route = routeOf(url);
    const foreign = !url.pathname.startsWith(base) || beside.some((path) => url.pathname.startsWith(path));
    if (route || !foreign && !url.pathname.includes(".")) event.respondWith(navigate(event, url, route));
    return;
  }
  if (url.pathname in everything) event.respondWith(file(request, url.pathname));
});

// shared opens what another app shares (share_target of the manifest): an address of this portal, whatever its fragment says, or else
// the words to look for.
async function shared(request) {
  const form = await request.formData().catch(() => new FormData());
  const parts = ["url", "text", "title"].map((name) => form.get(name)).filter((part) => part && typeof part === "string");
  for (const word of parts.join(" ").split(/\s+/)) {
    if (word.startsWith(location.origin + base)) return Response.redirect(word, 303);
  }
  const words = (form.get("text") || form.get("title") || "").toString().replace(/https?:\S*/g, " ").trim().slice(0, 100);
  return Response.redirect(words ? base + "procedures?q=" + encodeURIComponent(words) : base, 303);
}

// found looks into a cache, and makes none where the next version has removed it. Where the browser refuses it, there is nothing.
function found(key, cacheName) {
  return caches.match(key, { cacheName, ignoreVary: true }).catch(() => undefined);
}

// file is what is kept, or comes from the portal: then it is missing here, and is put back.
async function file(request, path) {
  const key = fileKey(path, everything[path]);
  const known = await found(key, cacheName);
  if (known) return known;
  const response = await fetch(request);
  if (response.ok) await putBack(key, response.clone()).catch(() => {});
  return response;
}

async function putBack(key, response) {
  if (await caches.has(cacheName)) await (await caches.open(cacheName)).put(key, response);
}

// navigate shows a page of the shell as it is kept, and asks for it again beside. Of all others it prefers what the portal says, and has
// what is kept at hand for when it says nothing.
async function navigate(event, url, route) {
  if (ofShell(route)) {
    const page = await found(pageKey(route.page, await language(url).catch(() => "")), cacheName);
    if (page && Math.abs(Date.now() - Date.parse(page.headers.get("X-Kept-At"))) < recent) {
      event.waitUntil(fetch(event.request).then((response) => keepPage(route, response)).catch(() => {}));
      return page;
    }
  }
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), patience);
  try {
    const response = await fetch(event.request, { signal: controller.signal });
    const copy = visitKey(url, route) && response.ok && response.clone();
    if (route && !route.document) event.waitUntil(keepPage(route, response.clone()).catch(() => {}));
    if (copy) event.waitUntil(visit(url, route, copy).catch(() => {})); // a full disk keeps nobody from reading
    return response;
  } catch (error) {
    const code = await language(url).catch(() => Object.keys(languages)[0]);
    const last = await visitBefore(url, route, code) || await pageBefore(route, code);
    if (last) return last;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

// pageBefore is a page as it is kept, in this language or, where the frame cannot stand in for it, in one that was read; or else the frame, in
// this language or one that was read.
async function pageBefore(route, code) {
  const own = route && !route.document ? route.page : frame;
  const all = [code, ...Object.keys(languages)];
  const keys = [pageKey(own, code), ...route && route.alone ? all.map((one) => pageKey(own, one)) : [], ...all.map((one) => pageKey(frame, one))];
  for (const key of keys) {
    const page = await found(key, cacheName);
    if (page) return page;
  }
}

// ofShell tells the pages that the program draws, and of which the portal writes nothing.
function ofShell(route) {
  return route && !route.document && !route.alone;
}

// keepPage keeps a page of this version that is the same for everybody as it is now: the portal may have got new keys since.
async function keepPage(route, response) {
  if (ofShell(route) && route.page !== frame && Date.now() - forgotten < forgetful) return;
  const body = response.ok && await response.text();
  const [, code] = /<html[^>]* data-lang="([^"]+)"/.exec(body) || [];
  if (code in languages && renewed(body) === body) await putBack(pageKey(route.page, code), kept(body, response, keptNow()));
}

const keptNow = () => ({ "X-Kept-At": new Date().toISOString() });

function routeOf(url) {
  return routes.find((route) => route.path ? route.path === url.pathname : new RegExp(route.pattern).test(url.pathname));
}

// --- pages that were visited

// visitKey is what a page is kept under in a language, and "" for one that is not kept.
function visitKey(url, route, code = "") {
  if (!route || !route.keep) return "";
  const query = new URLSearchParams(url.search);
  query.delete("lang");
  if ([...query.keys()].some((name) => !harmless.includes(name))) return "";
  query.sort();
  return "/" + code + url.pathname + (query.size ? "?" + query : "");
}

// arrived keeps the page that brought this worker along, and was there before it.
async function arrived(address) {
  const url = new URL(address, self.location);
  const route = routeOf(url);
  if (url.origin !== self.location.origin) return;
  if (ofShell(route)) await keepPage(route, await fetch(url, { cache: "no-cache" }));
  if (!visitKey(url, route)) return;
  await visit(url, route, await fetch(url, { cache: "no-cache" }));
}

// forgotten is when somebody had the visited pages forgotten: what other tabs load anew in consequence is not kept again.
let forgotten = 0;
const forgetful = 60_000;

async function forget() {
  forgotten = Date.now();
  const cache = await caches.has(cacheName) && await caches.open(cacheName);
  for (const request of cache ? await cache.keys() : []) {
    const [, , page] = /\/page\/([^/]+)\/(.+)/.exec(request.url) || [];
    if (page && page !== frame && !routes.some((route) => route.alone && route.page === page)) await cache.delete(request);
  }
}

async function visit(url, route, response) {
  if (Date.now() - forgotten < forgetful) return;
  if (!response.ok || /no-store|private/.test(response.headers.get("Cache-Control"))) return;
  const body = await response.text();
  const [, code] = /<html[^>]* data-lang="([^"]+)"/.exec(body) || [];
  if (!(code in languages)) return;
  const cache = await caches.open(visited);
  const more = { ...keptNow(), "X-Kept-Bytes": String(new Blob([body]).size) };
  await cache.put(visitKey(url, route, code), kept(body, response, more));
  await leave(cache);
}

// leave has the oldest pages go when there are too many.
async function leave(cache) {
  const pages = await Promise.all((await cache.keys()).map(async (request) => {
    const response = await cache.match(request);
    return { request, at: response?.headers.get("X-Kept-At") || "", bytes: Number(response?.headers.get("X-Kept-Bytes")) };
  }));
  pages.sort((one, other) => one.at < other.at ? 1 : -1);
  let bytes = 0;
  for (const [n, page] of pages.entries()) {
    bytes += page.bytes;
    if (n >= mostPages || bytes > mostBytes) await cache.delete(page.request);
  }
}

// visitBefore is a page as it was at the last visit, with the program of now; it says of when it is.
async function visitBefore(url, route, code) {
  const key = visitKey(url, route, code);
  const page = key && await found(key, visited);
  const body = page && renewed(await page.text());
  return body && kept(body.replace("<html ", '<html data-as-of="' + page.headers.get("X-Kept-At") + '" '), page);
}

// --- notifications, as go-app sends and opens them

self.addEventListener("push", (event) => event.waitUntil((async () => {
  let notification = null;
  try {
    notification = event.data && event.data.json();
  } catch {
    return;
  }
  if (notification) await show(notification);
})()));

self.addEventListener("message", (event) => {
  if (event.data && event.data.type === "goapp:notify") event.waitUntil(show(event.data.options));
});

function show(notification) {
  if (navigator.setAppBadge) navigator.setAppBadge().catch(() => {}); // how many there are, the page says
  return self.registration.showNotification(notification.title || "まどぐち", {
    body: notification.body,
    icon: notification.icon || base + "icon-192.png",
    badge: notification.badge || base + "icon-monochrome.png",
    data: { path: notification.path || base },
  });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const path = event.notification.data.path;
  event.waitUntil((async () => {
    for (const client of await self.clients.matchAll({ type: "window" })) {
      await client.focus();
      client.postMessage({ goapp: { type: "notification", path } });
      return;
    }
    await self.clients.openWindow(path);
  })());
});
