// The service worker: keeps one version of the program and its pages, so that every address opens without a network. It keeps nothing
// else: calls to the portal are POSTs and pass by, and no page it keeps says anything of a person.
"use strict";

const version = "{{version}}";
const cacheName = "madoguchi-" + version;
const settings = "madoguchi-settings";
// Files with a hash in their name, and others that are the same for everyone.
const files = {{files}};
// Each page with a path that answers with it, and the routes to find it by.
const pages = {{pages}};
const routes = {{routes}};
const languages = {{languages}};
const patience = 3000;

self.addEventListener("install", (event) => event.waitUntil(fill()));

async function fill() {
  const cache = await caches.open(cacheName);
  await cache.addAll(files.map((path) => new Request(path, { cache: "no-cache" })));
  for (const [page, path] of Object.entries(pages)) {
    await Promise.all(languages.map(async (language) => {
      const response = await fetch(path + "?lang=" + language, { cache: "no-cache", credentials: "omit" });
      if (!response.ok && page !== "notfound") throw new Error(path + ": " + response.status);
      // The headers stay, the security policy above all; those that speak of the transfer do not.
      const headers = new Headers(response.headers);
      ["Content-Encoding", "Content-Length", "Vary"].forEach((name) => headers.delete(name));
      await cache.put(key(page, language), new Response(await response.blob(), { headers }));
    }));
  }
}

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) {
    if (name !== cacheName && name !== settings) await caches.delete(name);
  }
  await self.clients.claim();
})()));

self.addEventListener("message", (event) => {
  const message = event.data || {};
  if (message.type === "activate") event.waitUntil(self.skipWaiting());
  if (message.type === "language" && languages.includes(message.language)) event.waitUntil(remember(message.language));
});

async function remember(language) {
  await (await caches.open(settings)).put("/language", new Response(language));
}

async function language(url) {
  const asked = url.searchParams.get("lang");
  if (languages.includes(asked)) return asked;
  const kept = await (await caches.open(settings)).match("/language");
  return kept ? await kept.text() : "ja";
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (routes.some((route) => matches(route, url.pathname)) || !url.pathname.includes(".")) event.respondWith(navigate(request, url));
    return;
  }
  if (files.includes(url.pathname)) event.respondWith(file(request));
});

// kept looks into this version's cache, and makes none where the next version has removed it.
function kept(request, how) {
  return caches.match(request, { cacheName, ignoreVary: true, ...how });
}

async function file(request) {
  return await kept(request, { ignoreSearch: true }) || fetch(request);
}

// navigate prefers what the portal says, and has the kept page at hand for when it says nothing.
async function navigate(request, url) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), patience);
  try {
    return await fetch(request, { signal: controller.signal });
  } catch (error) {
    const last = await page(url);
    if (last) return last;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function page(url) {
  const route = routes.find((candidate) => matches(candidate, url.pathname));
  return kept(key(route ? route.page : "notfound", await language(url)));
}

function matches(route, path) {
  return route.path ? route.path === path : new RegExp(route.pattern).test(path);
}

function key(page, language) {
  return "/pages/" + page + "." + language;
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
  return self.registration.showNotification(notification.title || "まどぐち", {
    body: notification.body,
    icon: notification.icon || "/icon-192.png",
    badge: notification.badge || "/icon-monochrome.png",
    data: { path: notification.path || "/" },
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
