// The page /who: three records that one may bend, to see what becomes of their fingerprints. Nothing leaves the page.
"use strict";

const print = async (before, record) => {
  const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(before + "\n" + record));
  return Array.from(new Uint8Array(sum, 0, 6), (byte) => byte.toString(16).padStart(2, "0")).join("");
};

// prints are the fingerprints of records, each with the one before.
async function prints(records) {
  const all = [];
  for (const record of records) all.push(await print(all.at(-1) || "", record));
  return all;
}

async function begin() {
  const list = document.getElementById("who-try"), back = document.getElementById("who-back");
  const rows = [...list.querySelectorAll(".who-row")].map((row) => ({
    field: row.querySelector("textarea"), book: row.querySelector(".who-book"), now: row.querySelector(".who-now"),
    verdict: row.querySelector(".who-verdict"), row,
  }));
  const book = await prints(rows.map((r) => r.field.dataset.record));
  let turn = 0;

  async function draw() {
    const mine = ++turn, now = await prints(rows.map((r) => r.field.value));
    if (mine !== turn) return; // something else was typed meanwhile
    rows.forEach((r, i) => {
      const fits = now[i] === book[i], words = fits ? list.dataset.fits : list.dataset.not;
      r.now.textContent = now[i];
      r.row.dataset.fits = fits;
      if (r.verdict.textContent !== words) r.verdict.textContent = words;
    });
    list.dataset.state = now.at(-1) === book.at(-1) ? "fits" : "not";
  }

  function reset() {
    rows.forEach((r, i) => {
      r.field.value = r.field.dataset.record;
      r.book.textContent = book[i];
    });
    return draw();
  }

  rows.forEach((r) => r.field.addEventListener("input", draw));
  back.addEventListener("click", reset);
  await reset();
  list.hidden = back.hidden = false;
}

// A page that came without https has nothing to compute with, and does without this part.
if (typeof document !== "undefined") (crypto.subtle ? begin() : Promise.resolve()).then(() => { document.documentElement.dataset.ready = "true"; });
