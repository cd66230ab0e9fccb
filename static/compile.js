// Fetches and compiles a program beside the page, whose own thread stays free meanwhile, and rehearses its start. V8 compiles a function at its
// first call, for every thread that has the module: what the rehearsal has called, the page finds compiled.
//
// A rehearsal is on a stage: of all that a program reaches there, nothing is the browser's. What it asks for nobody hears, what it waits for
// does not come, and what it draws is nowhere.
"use strict";

const policy = self.trustedTypes?.createPolicy("madoguchi", {
  createScriptURL(address) {
    if (!/^\/([a-z]+\/)?assets\/wasm_exec\.[0-9a-f]+\.js$/.test(address)) throw new TypeError("not a script of ours: " + address);
    return address;
  },
});

// Its name says what there is to do.
const { program, ...start } = JSON.parse(self.name);
const compiled = get(program).then((response) => WebAssembly.compileStreaming(response));
let handed = null;
const hand = () => handed ||= compiled.then((module) => postMessage({ module }), (error) => postMessage({ error: String(error) }));
if (start.exec) {
  rehearse(start).catch(String).then((rehearsed) => {
    hand();
    postMessage({ rehearsed });
  });
} else {
  hand();
}

async function get(address) {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!response.ok) throw new Error(address + ": " + response.status);
  return response;
}

// rehearse does what boot.js does with the program, until that says that it is ready, and tells how it went. When the runtime has begun and
// waits for the first time it is ahead, and the page may follow.
async function rehearse({ exec, texts, page }) {
  const enough = 20_000; // a start asks for some two thousand things; one that asks for so many asks for ever
  const text = get(texts).then((response) => response.text());
  let said = "";
  self.fs = { writeSync: (_, bytes) => { said += new TextDecoder().decode(bytes); return bytes.length; } };
  importScripts(policy ? policy.createScriptURL(exec) : exec);
  const [module, language] = await Promise.all([compiled, text]);

  return new Promise((end) => {
    let over = false, asked = 0;
    const finish = (how) => { over = true; end(how); };
    const soon = (act) => {
      hand();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        try {
          if (!over) act();
        } catch (error) {
          finish(String(error));
        }
      };
      port2.postMessage(0);
    };

    // What has no place of its own on the stage is anything: it takes every call, and in it is anything again, but for what a program counts
    // or decides by.
    const plain = { [Symbol.toPrimitive]: () => "", length: 0, hidden: false, matches: false, open: false };
    const prop = (own) => new Proxy(own, {
      get(_, name) {
        if (++asked > enough) throw new Error("asks for ever");
        if (Object.hasOwn(own, name)) return own[name];
        return name in plain ? plain[name] : anything;
      },
      apply: () => anything,
      construct: () => anything,
    });
    const anything = prop(function () {});
    const no = () => false, none = () => null;
    const store = prop({ getItem: none });
    const stage = prop({
      Object, Array, Uint8Array, TextDecoder, Reflect: { get: (of, name) => of[name] },
      fs: { constants: new Proxy({}, { get: () => -1 }) },
      location: prop(page.location), navigator: prop({ onLine: true }), PublicKeyCredential: undefined,
      localStorage: store, sessionStorage: store,
      document: prop({ querySelector: none, getElementById: none, documentElement: prop({ dataset: page.dataset }) }),
      setTimeout: soon, requestAnimationFrame: soon, madoguchiTurn: soon,
      madoguchiLanguage: { text: language, asked: page.asked, instead: false },
      goappGetenv: () => "", goappIsAppInstalled: no, goappIsAppInstallable: no, goappIsAppleBrowser: no,
      goappUpdatedBeforeWasmLoaded: false, goappAppInstallChangedBeforeWasmLoaded: false,
      madoguchiReady: () => finish("well"),
    });

    self.setTimeout = (act, ms) => { if (ms < 20) soon(act); }; // the runtime's own waits
    const go = new Go();
    go.exit = () => finish(said);
    Object.defineProperty(go, "_values", { configurable: true, set(values) { // the first values that a program has: the sixth is the window
      values[5] = stage;
      Object.defineProperty(go, "_values", { value: values });
    } });
    WebAssembly.instantiate(module, go.importObject).then((instance) => go.run(instance)).catch((error) => finish(String(error)));
  });
}
