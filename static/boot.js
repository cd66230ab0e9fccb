// Starts the program: at once where the page needs it, when the browser is idle where the page can be read without it, and in any
// case at the first press of a button. Says how far it is after 200 ms, in words after 2 s, and what to do when it fails.
// The functions named goapp… are what go-app's runtime calls.
"use strict";

var goappNav = function () {};
var goappOnUpdate = function () { goappUpdatedBeforeWasmLoaded = true; };
var goappUpdatedBeforeWasmLoaded = false;
var goappOnAppInstallChange = function () { goappAppInstallChangedBeforeWasmLoaded = true; };
var goappAppInstallChangedBeforeWasmLoaded = false;

(() => {
  const me = document.currentScript.dataset;
  const root = document.documentElement;
  const box = document.getElementById("boot");
  const bar = box.querySelector("progress");
  const busy = document.getElementById("boot-busy");
  const failed = document.getElementById("boot-failed");
  const detail = document.getElementById("app-wasm-loader-label");
  let started = false;
  let pressed = "";
  let registration = null;
  let deferredPrompt = null;
  let updating = false;
  const address = location.href;

  // --- a phone or a tablet: there is no card bridge for it. An iPad asks for pages as a Mac would, but has fingers on its screen.

  const agent = navigator.userAgent;
  const apple = /iP(hone|ad|od)/.test(agent) || /Macintosh/.test(agent) && navigator.maxTouchPoints > 1;
  if (apple || navigator.userAgentData?.mobile || /Android|Mobile/.test(agent)) root.dataset.handheld = apple ? "apple" : "other";

  // --- a browser told to keep nothing throws where its storage is merely named, and go-app names it: it gets one that takes nothing

  for (const name of ["localStorage", "sessionStorage"]) {
    try {
      if (window[name]) continue;
    } catch {
      // refused
    }
    const refusing = { length: 0, key: () => null, getItem: () => null, setItem() { throw new Error("refused"); }, removeItem() {}, clear() {} };
    Object.defineProperty(window, name, { configurable: true, value: refusing });
  }

  // --- Trusted Types: the one policy that the pages allow. It passes the service worker's address and makes neither HTML nor scripts. Made
  // here before anything else runs, it cannot be made a second time.

  const workerAddress = me.worker;
  const policy = window.trustedTypes?.createPolicy("madoguchi", {
    createScriptURL(address) {
      if (address !== workerAddress || !/^\/([a-z]+\/)?app-worker\.js$/.test(address)) throw new TypeError("not the service worker: " + address);
      return address;
    },
  });

  // --- the language: the one that ?lang, the cookie or the browser asks for. Its texts are loaded beside the program; where they cannot be had,
  // those of the first language that is there.

  const languages = JSON.parse(me.languages);

  // known finds the language of a name: en for en-GB.
  function known(name) {
    const wanted = (name || "").toLowerCase();
    return languages.find(({ code }) => wanted === code.toLowerCase()) || languages.find(({ code }) => wanted.startsWith(code.toLowerCase() + "-"));
  }

  function cookie(name) {
    return document.cookie.split(";").map((pair) => pair.trim()).find((pair) => pair.startsWith(name + "="))?.slice(name.length + 1);
  }

  async function texts(language) {
    const response = await fetch(language.text, { credentials: "same-origin" });
    if (!response.ok) throw new Error(language.text + ": " + response.status);
    return response.text();
  }

  async function firstLanguage() {
    const asked = known(new URLSearchParams(location.search).get("lang")) || known(cookie("lang"));
    const wanted = asked || known(navigator.language) || languages[0];
    let failed;
    for (const language of [wanted, ...languages]) {
      try {
        return { text: await texts(language), asked: language === asked, instead: language !== wanted };
      } catch (error) {
        failed ||= error;
      }
    }
    throw failed;
  }

  // The program's switch of languages calls this; null when the texts cannot be had now.
  // Those of a version that is no longer there are one more reason to look for the next.
  window.madoguchiLoadLanguage = (code) => texts(known(code)).catch(() => { goappTryUpdate(); return null; });

  // --- the program

  function start() {
    if (started) return;
    started = true;
    run().catch(fail);
  }

  async function run() {
    if (typeof WebAssembly !== "object" || typeof Go !== "function") throw new Error("WebAssembly is missing");
    const timers = [
      setTimeout(() => { if (me.page !== "public" || pressed) box.hidden = false; }, 200),
      setTimeout(() => { busy.hidden = false; }, 2000),
    ];
    const go = new Go();
    const language = firstLanguage();
    language.catch(() => {}); // awaited below
    const response = await fetch(me.wasm, { credentials: "same-origin" });
    if (!response.ok) throw new Error(me.wasm + ": " + response.status);
    const source = counted(response);
    const wasm = WebAssembly.instantiateStreaming
      ? await WebAssembly.instantiateStreaming(source, go.importObject)
      : await WebAssembly.instantiate(await source.arrayBuffer(), go.importObject);
    window.madoguchiLanguage = await language;
    focused = describe(document.activeElement);
    const handOver = new MutationObserver(() => { restore(); retype(); });
    handOver.observe(document.body, { childList: true, subtree: true });
    window.madoguchiReady = () => {
      timers.forEach(clearTimeout);
      box.hidden = true;
      handOver.disconnect();
      restore();
      retype();
      if (pressed) document.getElementById(pressed)?.click();
    };
    go.run(wasm.instance).then(() => fail(new Error("the program ended")), fail);
  }

  // counted passes the program on and shows how much of it is there.
  function counted(response) {
    const total = Number(me.size);
    if (!response.body || !total || typeof ReadableStream !== "function") return response;
    let loaded = 0;
    const reader = response.body.getReader();
    return new Response(new ReadableStream({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) {
          bar.value = 1;
          controller.close();
          return;
        }
        loaded += value.byteLength;
        bar.value = Math.min(loaded / total, 1);
        controller.enqueue(value);
      },
    }), { headers: { "Content-Type": "application/wasm" } });
  }

  function fail(error) {
    console.error(error);
    box.hidden = false;
    box.classList.add("boot-failed");
    bar.hidden = true;
    busy.hidden = true;
    failed.hidden = false;
    detail.textContent = String(error && error.message || error);
  }

  // The program draws the page anew. Whoever was on a link or in a field stays there, and what was typed is typed into
  // it again: in the very turn in which it is drawn, so that the next key finds it.
  let focused = null;
  const typed = new Map();
  document.addEventListener("focusin", (event) => {
    if (!root.dataset.ready) focused = describe(event.target);
  }, true);
  document.addEventListener("input", (event) => {
    event.target.dataset.typed = ""; // an update waits for what was typed, see frontend/frame/shell
    if (!root.dataset.ready && event.target.id) typed.set(event.target.id, event.target.value);
  }, true);

  function describe(element) {
    if (!element || element === document.body) return null;
    if (element.id) return "#" + CSS.escape(element.id);
    const href = element.getAttribute("href");
    return href ? element.tagName + '[href="' + CSS.escape(href) + '"]' : null;
  }

  function restore() {
    if (focused && (!document.activeElement || document.activeElement === document.body)) {
      document.querySelector(focused)?.focus({ preventScroll: true });
    }
  }

  function retype() {
    for (const [id, value] of typed) {
      const field = document.getElementById(id);
      if (!field || field.value === value) continue;
      field.value = value;
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
  }

  document.addEventListener("click", (event) => {
    if (root.dataset.ready) return;
    const button = event.target.closest && event.target.closest("button");
    if (!button) return;
    pressed = button.id;
    box.hidden = started ? box.hidden : false;
    start();
  }, true);

  if (me.page !== "public") {
    start();
  } else {
    const soon = window.requestIdleCallback ? () => requestIdleCallback(start, { timeout: 4000 }) : () => setTimeout(start, 600);
    if (document.readyState === "complete") soon(); else addEventListener("load", soon);
  }

  // --- the service worker

  window.goappTryUpdate = () => { registration?.update().catch(() => {}); };

  // A new version takes over when the person says so; then this tab, and only this one, loads it. It is asked again
  // until it has: a worker that is just being stopped does not hear.
  const takeOver = () => {
    if (registration?.waiting) registration.waiting.postMessage({ type: "activate" }); else location.reload();
  };
  window.madoguchiUpdate = () => {
    if (updating) return;
    updating = true;
    takeOver();
    setInterval(takeOver, 1000);
  };

  async function register() {
    const fresh = !navigator.serviceWorker.controller; // nobody has seen this page come
    // The worker keeps the texts of this language from the beginning on.
    await caches.open("madoguchi-settings").then((kept) => kept.put("/language", new Response(root.dataset.lang))).catch(() => {});
    registration = await navigator.serviceWorker.register(policy ? policy.createScriptURL(workerAddress) : workerAddress);
    const watch = (worker) => worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && navigator.serviceWorker.controller) goappOnUpdate();
    });
    if (registration.waiting && navigator.serviceWorker.controller) goappOnUpdate();
    watch(registration.installing);
    registration.addEventListener("updatefound", () => watch(registration.installing));
    navigator.serviceWorker.addEventListener("controllerchange", () => { if (updating) location.reload(); });
    navigator.serviceWorker.addEventListener("message", (event) => {
      const message = event.data && event.data.goapp;
      if (message && message.type === "notification") goappNav(message.path);
    });
    const worker = (await navigator.serviceWorker.ready).active;
    const tell = () => worker.postMessage({ type: "language", language: root.dataset.lang });
    tell();
    if (fresh) worker.postMessage({ type: "visited", address });
    new MutationObserver(tell).observe(root, { attributes: true, attributeFilter: ["data-lang"] });
  }

  if ("serviceWorker" in navigator) {
    const later = () => register().catch((error) => console.error("service worker:", error));
    if (document.readyState === "complete") later(); else addEventListener("load", later);
  }

  // --- what else go-app asks for

  window.goappGetenv = () => "";
  window.goappIsAppInstalled = () => navigator.standalone === true || matchMedia("(display-mode: standalone)").matches;
  window.goappIsAppleBrowser = () => /iP(hone|ad|od)/.test(navigator.userAgent);
  window.goappIsAppInstallable = () => !goappIsAppInstalled() && deferredPrompt !== null;
  window.goappShowInstallPrompt = async () => {
    if (!deferredPrompt) return;
    deferredPrompt.prompt();
    await deferredPrompt.userChoice;
    deferredPrompt = null;
  };
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    deferredPrompt = event;
    goappOnAppInstallChange();
  });
  addEventListener("appinstalled", () => {
    deferredPrompt = null;
    goappOnAppInstallChange();
  });
})();
