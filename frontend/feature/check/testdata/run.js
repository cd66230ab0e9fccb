// Runs cases through static/check.js and says what came of each. Standard input is JSON: the pinned keys, and the cases, each with its
// files in base64 by name.
"use strict";
const fs = require("fs"), vm = require("vm");
const checker = vm.runInThisContext(fs.readFileSync(process.argv[2], "utf8") + "\n;({ check, pinnedOf, whole, parts })");
const { pinned, cases, hostile } = JSON.parse(fs.readFileSync(0, "utf8"));
const bytes = (text) => new Uint8Array(Buffer.from(text || "", "base64"));

// walk reads all of a DER file, as deep as it goes.
function walk(e) {
  let n = 1;
  if (e.tag & 0x20) for (const part of checker.parts(e)) n += walk(part);
  return n;
}

(async () => {
  const keys = checker.pinnedOf(JSON.stringify(pinned)), results = [];
  for (const files of cases) {
    const map = new Map(Object.entries(files).map(([name, text]) => [name, async () => bytes(text)]));
    try {
      results.push(await checker.check(map, keys));
    } catch (error) {
      results.push({ result: "threw " + error.stack });
    }
  }
  const read = (hostile || []).map((text) => {
    try {
      return String(walk(checker.whole(bytes(text))));
    } catch (error) {
      return error.constructor.name;
    }
  });
  console.log(JSON.stringify({ results, read }));
})();
