// Starts the program: at once where the page is the program's own, where the device has no network or has the portal installed; elsewhere,
// where the document can be read and used without it, at the first need (a field, a button) or after a while of reading. Until then
// links and forms are the browser's; what is typed, pressed and focused meanwhile is handed to the program.
// Says how far it is after 200 ms, in words after 2 s, and what to do when it fails.
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
  // What stands in the document is there when all of it is.
  const parsed = new Promise((done) => {
    if (document.readyState !== "loading") done();
    addEventListener("DOMContentLoaded", done);
  });
  let box, bar, busy, failed, detail;
  parsed.then(() => {
    const there = (id) => document.getElementById(id);
    box = there("boot");
    bar = there("boot-bar");
    busy = there("boot-busy");
    failed = there("boot-failed");
    detail = there("app-wasm-loader-label");
  });
  // How long a page is read before the program starts by itself, and how long the browser may then be busy with other things.
  const read = 2500, otherwiseBusy = 3000;
  const scripts = {};
  let started = false;
  let wanted = false; // somebody waits for the program: it says how far it is
  let registration = null;
  let deferredPrompt = null;
  let updating = false;
  let served = false;
  const address = location.href;

  // --- Trusted Types: the one policy that the pages allow. It passes the addresses of the service worker, of what compiles, of Go's runtime and
  // of what decodes 2次元バーコード, and makes neither HTML nor scripts. Made here before anything else runs, it cannot be made a second time.

  const workerAddress = me.worker, decoderAddress = me.decoder, compilerAddress = me.compiler, runtimeAddress = me.exec;
  const policy = window.trustedTypes?.createPolicy("madoguchi", {
    createScriptURL(address) {
      const worker = address === workerAddress && /^\/([a-z]+\/)?app-worker\.js$/.test(address);
      const named = [decoderAddress, compilerAddress, runtimeAddress].includes(address);
      const asset = named && /^\/([a-z]+\/)?assets\/(decoder|compile|wasm_exec)\.[0-9a-f]+\.js$/.test(address);
      if (!worker && !asset) throw new TypeError("not a script of ours: " + address);
      return address;
    },
  });

  // --- a phone or a tablet: there is no card bridge for it. An iPad asks for pages as a Mac would, but has fingers on its screen.

  const agent = navigator.userAgent;
  const apple = /iP(hone|ad|od)/.test(agent) || /Macintosh/.test(agent) && navigator.maxTouchPoints > 1;
  if (apple || navigator.userAgentData?.mobile || /Android|Mobile/.test(agent)) root.dataset.handheld = apple ? "apple" : "other";

  // --- the page that an installed portal opens with stands in no trail, and the frame keeps no room for one

  if (location.pathname === me.first) root.dataset.first = "";

  // --- where nothing is to be read without the program, and where it is at hand, it starts at once, beside what the document is drawn with

  const installed = () => navigator.standalone === true || matchMedia("(display-mode: standalone)").matches;
  const languages = JSON.parse(me.languages);
  const atOnce = me.page !== "public" || installed() || navigator.onLine === false;
  if (atOnce) start();

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

  // --- somebody is likely logged in: they were when a page was here last. The style shows what they will see, before the portal has said so.

  if (localStorage.getItem("likely")) root.dataset.likely = "";

  // script loads a script of ours, once; when it could not be had, again at the next need.
  function script(address) {
    return scripts[address] ||= new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = policy ? policy.createScriptURL(address) : address;
      script.setAttribute("blocking", "render"); // where nothing is drawn yet
      script.onload = done;
      script.onerror = () => { script.remove(); delete scripts[address]; fail(new Error(address)); };
      document.head.append(script);
    });
  }

  // The program's scanner calls this where the browser cannot read a 2次元バーコード itself.
  window.madoguchiDecoder = () => script(decoderAddress).then(() => window.jsQR);

  // --- the language: the one that ?lang, the cookie or the browser asks for. Its texts are loaded beside the program; where they cannot be had,
  // those of the first language that is there.

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

  function wantedLanguage() {
    const asked = known(new URLSearchParams(location.search).get("lang")) || known(cookie("lang"));
    return { asked, wanted: asked || known(navigator.language) || languages[0] };
  }

  async function firstLanguage({ asked, wanted }) {
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
    run().catch((error) => { fail(error); serve(); });
  }

  // want is a start for which somebody waits.
  function want() {
    wanted = true;
    if (started) say();
    start();
  }

  function say() {
    parsed.then(() => { if (!root.dataset.ready) box.hidden = false; });
  }

  // turn does something when the browser has done what waits: draw, answer a key. The program calls it between the things of its start: a
  // timer would come later, by 4 ms each time.
  function turn(act) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); act(); };
    port2.postMessage(null);
  }
  window.madoguchiTurn = turn;

  async function run() {
    // What the service worker keeps is there at once, and compiled beside the page; what has a way to come, as it comes, and after what the page
    // is drawn with.
    const near = navigator.serviceWorker?.controller;
    if (!near) await parsed;
    const timers = [
      setTimeout(() => { if (me.page !== "public" || wanted) say(); }, 200),
      setTimeout(() => parsed.then(() => { busy.hidden = false; }), 2000),
    ];
    const choice = wantedLanguage();
    const coming = near ? beside(choice).catch(asItComes) : asItComes();
    // A worker begins when its page has nothing to draw. So the page is drawn when Go's runtime is there, which is asked for after the worker.
    const runtime = script(runtimeAddress);
    runtime.catch(() => {}); // awaited below
    const language = firstLanguage(choice);
    language.catch(() => {}); // awaited below
    const program = await coming;
    window.madoguchiLanguage = await language;
    await runtime;
    await parsed;
    const go = new Go();
    await new Promise(turn);
    const instance = await WebAssembly.instantiate(program, go.importObject);
    await wordIsWhole();
    const shell = document.querySelector(".shell");
    if (shell !== document.body.firstElementChild) document.body.prepend(shell); // something of the browser's stood before it
    await new Promise(turn);
    const handOver = new MutationObserver(takeOver);
    handOver.observe(document.body, { childList: true, subtree: true });
    window.madoguchiReady = () => {
      timers.forEach(clearTimeout);
      box.hidden = true;
      handOver.disconnect();
      takeOver();
      press();
      serve();
    };
    go.run(instance).then(() => fail(new Error("the program ended")), fail);
  }

  async function asItComes() {
    await parsed;
    if (typeof WebAssembly !== "object") throw new Error("WebAssembly is missing");
    const response = await fetch(me.wasm, { credentials: "same-origin" });
    if (!response.ok) throw new Error(me.wasm + ": " + response.status);
    const source = counted(response);
    if (WebAssembly.compileStreaming) return WebAssembly.compileStreaming(source);
    return WebAssembly.compile(await source.arrayBuffer());
  }

  // beside has the program compiled by a worker, which then rehearses what is about to be done here: on another processor, if there is one. The
  // worker stays a while: V8 hands what it has compiled to whom compiled, minutes later, to be kept beside the program.
  async function beside({ asked, wanted }) {
    // A message would reach it only when the document has been drawn: its name it has from the first moment. What is asked of the page, and the
    // fragment, are nobody else's matter.
    const { origin, protocol, host, hostname, port, pathname } = location;
    const at = { origin, protocol, host, hostname, port, pathname, href: origin + pathname, search: "", hash: "" };
    const page = { location: at, dataset: { ...root.dataset }, asked: Boolean(asked) };
    const name = JSON.stringify({ program: me.wasm, exec: navigator.hardwareConcurrency > 1 && me.exec, texts: wanted.text, page });
    const compiler = new Worker(policy ? policy.createScriptURL(compilerAddress) : compilerAddress, { name });
    return new Promise((done, fail) => {
      compiler.onmessage = ({ data: { module, error, rehearsed } }) => {
        if (module) done(module);
        if (error) fail(new Error(error));
        if (rehearsed) performance.mark("rehearsed", { detail: rehearsed });
      };
      compiler.onerror = compiler.onmessageerror = () => fail(new Error(compilerAddress));
    }).finally(() => setTimeout(() => compiler.terminate(), 1_200_000));
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

  // fail tells whoever waits for the program. Who reads a document does not: the next need tries again.
  async function fail(error) {
    console.error(error);
    await parsed;
    if (me.page === "public" && !wanted && !root.dataset.ready) {
      started = false;
      return;
    }
    box.hidden = false;
    box.classList.add("boot-failed");
    bar.hidden = true;
    busy.hidden = true;
    failed.hidden = false;
    detail.textContent = String(error && error.message || error);
  }

  // --- what a person does before the program is there

  // The program draws the page anew. Whoever was on a link or in a field stays there, and what was typed or chosen is so again: in the very
  // turn in which it is drawn, so that the next key finds it. What was pressed is pressed when the program can hear it, once.
  const typed = new Map(); // the id of a field, and what stands in it
  const presses = new Map(); // what is pressed, by its name
  let focused = null;
  let down = null; // under the finger or the mouse
  let menu = false; // the menu stands open
  document.addEventListener("input", (event) => { event.target.dataset.typed ??= ""; }, true); // an update waits for what was typed, see frontend/frame/shell

  // name says which element it is, so that the one that the program draws in its place is found.
  function name(element) {
    if (!element || element === document.body) return null;
    if (element.id) return { element, all: "#" + CSS.escape(element.id) };
    const href = element.getAttribute("href");
    if (href !== null) return { element, all: element.tagName + '[href="' + CSS.escape(href) + '"]' };
    return { element, all: element.tagName, text: element.textContent };
  }

  // named are the elements that have the name and can be seen.
  function named(it) {
    return [...document.querySelectorAll(it.all)].filter((element) => (it.text === undefined || it.text === element.textContent) && shown(element));
  }

  function shown(element) {
    return element.checkVisibility ? element.checkVisibility() : element.getClientRects().length > 0;
  }

  function closest(event, selector) {
    return event.target.closest ? event.target.closest(selector) : null;
  }

  function takeOver() {
    for (const [id, was] of typed) {
      const field = document.getElementById(id);
      if (!field || field === was.field) continue;
      was.field = field;
      if (was.checked !== undefined) {
        if (field.checked !== was.checked) field.click();
        continue;
      }
      if (field.value === was.value) continue;
      field.value = was.value;
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (focused && !menu && (!document.activeElement || document.activeElement === document.body)) refocus();
  }

  // refocus tries each, since those behind an open dialog take no focus.
  function refocus() {
    const { caret } = focused;
    for (const element of named(focused)) {
      element.focus({ preventScroll: true });
      if (document.activeElement !== element) continue;
      if (caret) element.setSelectionRange(...caret);
      return;
    }
  }

  function press() {
    if (menu) presses.set("menu", { all: "#menu-button" });
    for (const it of presses.values()) {
      const [element] = named(it);
      if (!element) continue;
      if (it.all !== "#menu-button") {
        element.click();
        continue;
      }
      // The program's menu comes in the place of the document's. The focus goes back to where it was in it.
      const drawer = document.getElementById("menu-drawer");
      const at = focused;
      const opened = new MutationObserver(() => {
        if (!drawer.open) return;
        opened.disconnect();
        focused = at;
        if (menu) refocus();
      });
      opened.observe(drawer, { attributes: true, attributeFilter: ["open"] });
      element.focus(); // to come back to
      element.click();
    }
  }

  // wordIsWhole waits while an input method is at work: it loses its word with the field in which it stands.
  async function wordIsWhole() {
    while (composing) await new Promise((done) => document.addEventListener("compositionend", () => setTimeout(done), { once: true }));
  }
  let composing = false;
  document.addEventListener("compositionstart", () => { composing = true; }, true);
  document.addEventListener("compositionend", () => { composing = false; }, true);

  const before = (type, do_) => document.addEventListener(type, (event) => { if (!root.dataset.ready) do_(event); }, true);
  const fields = "input, select, textarea";

  // Another language is that of the page that is shown, with what was asked of it.
  parsed.then(() => {
    for (const link of document.querySelectorAll("a.language")) {
      const address = new URL(location);
      address.searchParams.set("lang", new URLSearchParams(link.search).get("lang"));
      link.href = address.search;
    }
  });

  before("focusin", (event) => {
    focused = name(event.target);
    if (closest(event, fields)) start();
  });
  // Who leaves a field for nothing is nowhere; an element that the program takes away is not left.
  before("focusout", (event) => {
    const left = event.target;
    setTimeout(() => { if (left.isConnected && document.hasFocus() && document.activeElement === document.body) focused = null; });
  });
  before("input", (event) => {
    const field = event.target;
    if (focused?.element === field && typeof field.selectionStart === "number") focused.caret = [field.selectionStart, field.selectionEnd]; // selectionchange comes later
    if (!field.id) return;
    const box = field.type === "checkbox" || field.type === "radio";
    typed.set(field.id, { field, value: field.value, checked: box ? field.checked : undefined });
    start();
  });
  before("selectionchange", () => {
    const field = document.activeElement;
    if (focused?.element === field && typeof field.selectionStart === "number") focused.caret = [field.selectionStart, field.selectionEnd];
  });
  before("click", (event) => {
    if (closest(event, "a[href]")) {
      event.stopPropagation(); // the browser goes there by itself; a program in the midst of starting need not know
      return;
    }
    const button = closest(event, "button");
    if (!button || button.disabled || button.type === "submit" && button.form?.hasAttribute("action")) return;
    if (menuPress(button)) {
      start();
      return;
    }
    event.stopPropagation(); // it may be drawn already, and hears this when it is ready
    const it = name(button);
    presses.set(it.all + it.text, it);
    want();
  });
  before("submit", (event) => {
    if (event.target.hasAttribute("action") || event.target.method === "dialog") return;
    event.preventDefault(); // the program's own form: what is in it would stand in an address
    want();
  });

  // The action of a page on a phone (kit.Rail) has its place in the text; while that is out of sight it lies at the bottom of the screen. Never
  // before anybody has scrolled: it would lie over what the first screen has to say. It is not seen on its way from the one to the other.
  addEventListener("scroll", () => {
    const action = document.querySelector(".rail-action:not([hidden])");
    const page = action?.closest(".detail-page");
    if (!page || action.contains(document.activeElement)) return;
    const before = action.previousElementSibling;
    const { bottom } = (before.offsetHeight ? before : page.firstElementChild).getBoundingClientRect();
    const was = action.hasAttribute("data-away");
    const room = was ? parseFloat(page.style.getPropertyValue("--room")) : action.offsetHeight + 20;
    const away = scrollY > 0 && (bottom < -room || bottom > innerHeight - room);
    if (away === was) return;
    page.style.setProperty("--room", away ? room + "px" : "");
    action.toggleAttribute("data-away");
    action.style.visibility = "hidden";
    requestAnimationFrame(() => requestAnimationFrame(() => { action.style.visibility = ""; })); // a whole frame, however slow
  });

  // A press that began on what the document showed and ends on what the program draws would be nobody's.
  before("pointerdown", (event) => {
    down = name(closest(event, "a[href], button"));
    if (!closest(event, "a[href], summary")) soon();
  });
  document.addEventListener("pointerup", (event) => {
    const was = down;
    down = null;
    if (was && !was.element.isConnected) named(was).find((element) => element.contains(event.target))?.click();
  }, true);
  before("keydown", soon);

  // The menu is in the document, and opens and closes without the program.
  function menuPress(button) {
    const drawer = document.getElementById("menu-drawer");
    if (button.id === "menu-button" && drawer?.querySelector("a")) {
      drawer.showModal();
      return menu = true;
    }
    if (button.id !== "menu-close") return false;
    drawer.close();
    return true;
  }
  document.addEventListener("close", (event) => { if (event.target.id === "menu-drawer") menu = false; }, true);

  // --- when it starts

  if (!atOnce) {
    addEventListener("offline", start);
    if (document.readyState === "complete") reading(); else addEventListener("load", reading);
  }

  // soon is as soon as the browser has done what was asked of it.
  function soon() {
    if (!started) window.requestIdleCallback ? requestIdleCallback(start, { timeout: 1000 }) : setTimeout(start, 200);
  }

  // reading waits until the page has been looked at for a while. On a metered line it waits for the need.
  function reading() {
    if (navigator.connection?.saveData) return;
    setTimeout(() => {
      if (document.hidden) {
        document.addEventListener("visibilitychange", reading, { once: true });
        return;
      }
      window.requestIdleCallback ? requestIdleCallback(start, { timeout: otherwiseBusy }) : start();
    }, read);
  }

  // --- what the program hears of keys: each call into it takes a part of the time that a key may take on a phone

  // It hears the keys that it names. Where it wants to be the first to hear them, it hears of the first other one after a click, too.
  window.madoguchiKeys = (heard, keys, first) => {
    let clicked = first;
    const pressed = (event) => {
      const named = keys.includes(event.key);
      if (named || clicked) heard(event);
      clicked &&= named;
    };
    addEventListener("keydown", pressed, first);
    if (first) addEventListener("click", () => { clicked = true; }, true);
    return () => removeEventListener("keydown", pressed, first);
  };

  // That somebody is there it hears once a second.
  window.madoguchiPresent = (heard) => {
    let told = 0;
    const present = (event) => { if (event.timeStamp > told + 1000) heard(told = event.timeStamp); };
    addEventListener("keydown", present, true);
    addEventListener("pointerdown", present, true);
  };

  // The program has a counter of letters say another number, and hears whether that was all that there is to change in it.
  window.madoguchiCount = (id, text) => {
    const counter = document.getElementById(id);
    const node = counter?.className === "counter" && counter.firstElementChild?.firstChild;
    const all = node && !node.nextSibling;
    if (all) node.nodeValue = text;
    return all;
  };

  // --- a press is seen in the very next frame, whatever it takes until what comes of it is

  document.addEventListener("click", (event) => {
    const on = closest(event, "a[href], button");
    if (!on) return;
    on.dataset.pressed = "";
    setTimeout(() => { delete on.dataset.pressed; }, 300);
  }, true);

  // --- the service worker

  window.goappTryUpdate = () => { registration?.update().catch(() => {}); };

  // A new version takes over when the person says so; then this tab, and only this one, loads it. It is asked again
  // until it has: a worker that is just being stopped does not hear.
  const activate = () => {
    if (registration?.waiting) registration.waiting.postMessage({ type: "activate" }); else location.reload();
  };
  window.madoguchiUpdate = () => {
    if (updating) return;
    updating = true;
    activate();
    setInterval(activate, 1000);
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

  // serve begins when the program is there, or failed: the worker loads what it keeps, and the program goes first.
  function serve() {
    if (served || !("serviceWorker" in navigator)) return;
    served = true;
    register().catch((error) => console.error("service worker:", error));
  }

  // --- what the program mounts together, made in one call. What is told is separated by zeros: "<name" begins an element, ">" ends it, a quote
  // is before a text; between them, in pairs, an attribute and its value, ".property", "?flag" and "@event". See frontend/pack/slim/make.go.
  // What stands there already, as it does when the program comes to its document, is taken over where it is of the same kind, and made to be the
  // same; what is not is taken out, and what is missing put in. Not so fields and dialogs: what was typed and opened is handed over above. Returned
  // are the nodes, in the order of their words.

  const drawn = "http://www.w3.org/2000/svg";
  const ours = /^(style|data-(away|pressed))$/; // what is written here, above
  window.madoguchiMake = (told, over, ...heard) => {
    const words = told.split("\0"), nodes = [], around = [];
    let at = null, next = over; // the element that is being made, and what stands where its next node belongs
    const rid = (until) => {
      while (next !== until) {
        const gone = next;
        next = gone.nextSibling;
        gone.remove();
      }
    };
    const put = (node) => {
      if (node === next) next = node.nextSibling; else if (at) at.insertBefore(node, next);
    };
    for (let i = 0; i < words.length; i++) {
      const kind = words[i][0], name = words[i].slice(1);
      if (kind === "<") {
        const space = name === "svg" || at && at.namespaceURI === drawn ? drawn : "http://www.w3.org/1999/xhtml";
        let node = /^(dialog|input|select|textarea)$/.test(name) ? null : next;
        if (node) {
          const told = {};
          for (let j = i + 1; !/^[<>"]/.test(words[j]); j += 2) told[words[j].replace(/^\W/, "")] = words[j + 1];
          const alike = (name) => (node.getAttribute(name) || "") === (told[name] || "");
          while (node && !(node.localName === name && node.namespaceURI === space && alike("id") && alike("class"))) node = node.nextSibling;
          if (node) {
            if (at) rid(node);
            for (const { name } of [...node.attributes]) if (!(name in told) && !ours.test(name)) node.removeAttribute(name);
          }
        }
        const taken = node;
        node ||= document.createElementNS(space, name);
        nodes.push(node);
        around.push([at, next]);
        at = node;
        next = taken && node.firstChild;
      } else if (kind === ">") {
        rid(null);
        const node = at;
        [at, next] = around.pop();
        put(node);
      } else if (kind === '"') {
        const node = next && next.nodeType === 3 ? next : document.createTextNode(name);
        if (node.data !== name) node.data = name;
        nodes.push(node);
        put(node);
      } else {
        const value = words[++i];
        if (kind === "@") at.addEventListener(name, heard.shift(), { passive: value !== "" });
        else if (kind === ".") at[name] = value;
        else if (kind === "?") at[name] = value !== "";
        else if (at.getAttribute(kind + name) !== value) at.setAttribute(kind + name, value);
      }
    }
    return nodes;
  };

  // --- what else go-app asks for

  window.goappGetenv = () => "";
  window.goappIsAppInstalled = installed;
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
