// The page /check: says whether a file is as this portal gave it. It has no network (connect-src 'none'), shows nothing of the files
// but their names, and trusts the keys that the portal wrote into the page, never one that a file brings along.
"use strict";

// --- DER (X.690), as far as signatures need it. What comes from a file is hostile: each length is held against what is there, and
// nothing is followed deeper or further than signatures go.

const deepest = 24, widest = 4096;

class Bad extends Error {}

// element reads one at a place: its tag, its content, all its bytes.
function element(bytes, at, depth) {
  if (depth > deepest || at + 2 > bytes.length) throw new Bad("der");
  const tag = bytes[at];
  if ((tag & 0x1f) === 0x1f) throw new Bad("der");
  let length = bytes[at + 1], begin = at + 2;
  if (length >= 0x80) {
    const more = length & 0x7f;
    if (more === 0 || more > 4 || begin + more > bytes.length) throw new Bad("der");
    length = 0;
    for (let i = 0; i < more; i++) length = length * 256 + bytes[begin + i];
    begin += more;
    if (length < 0x80) throw new Bad("der");
  }
  const end = begin + length;
  if (end > bytes.length) throw new Bad("der");
  return { tag, depth, body: bytes.subarray(begin, end), raw: bytes.subarray(at, end), end };
}

// whole is an element that is all there is.
function whole(bytes) {
  const e = element(bytes, 0, 0);
  if (e.end !== bytes.length) throw new Bad("der");
  return e;
}

// parts are the elements in one that holds others.
function parts(e) {
  if (!e || !(e.tag & 0x20)) throw new Bad("der");
  const list = [];
  for (let at = 0; at < e.body.length;) {
    const next = element(e.body, at, e.depth + 1);
    at = next.end;
    if (list.push(next) > widest) throw new Bad("der");
  }
  return list;
}

// expect is an element that has this tag.
function expect(e, tag) {
  if (!e || e.tag !== tag) throw new Bad("der");
  return e;
}

const sequence = 0x30, set = 0x31, integer = 0x02, octets = 0x04, bits = 0x03, oid = 0x06;

function name(e) {
  const b = expect(e, oid).body;
  if (b.length === 0 || b.length > 40) throw new Bad("der");
  const numbers = [Math.min(2, Math.floor(b[0] / 40))];
  numbers.push(b[0] - 40 * numbers[0]);
  let n = 0;
  for (const byte of b.subarray(1)) {
    n = n * 128 + (byte & 0x7f);
    if (n > Number.MAX_SAFE_INTEGER / 256) throw new Bad("der");
    if (byte & 0x80) continue;
    numbers.push(n);
    n = 0;
  }
  return numbers.join(".");
}

// moment is a UTCTime or GeneralizedTime, in milliseconds.
function moment(e) {
  const text = String.fromCharCode(...e.body.subarray(0, 32));
  const m = e.tag === 0x17 ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
    : e.tag === 0x18 && /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(text);
  if (!m) throw new Bad("time");
  const year = m[1].length === 4 ? +m[1] : +m[1] + (+m[1] < 50 ? 2000 : 1900);
  return Date.UTC(year, m[2] - 1, +m[3], +m[4], +m[5], +m[6]);
}

const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

// --- certificates and signatures

const hashes = { "2.16.840.1.101.3.4.2.1": "SHA-256", "2.16.840.1.101.3.4.2.2": "SHA-384", "2.16.840.1.101.3.4.2.3": "SHA-512" };
const curves = { "1.2.840.10045.3.1.7": ["P-256", 32], "1.3.132.0.34": ["P-384", 48], "1.3.132.0.35": ["P-521", 66] };
const signatureHashes = {
  "1.2.840.10045.4.3.2": "SHA-256", "1.2.840.10045.4.3.3": "SHA-384", "1.2.840.10045.4.3.4": "SHA-512",
  "1.2.840.113549.1.1.11": "SHA-256", "1.2.840.113549.1.1.12": "SHA-384", "1.2.840.113549.1.1.13": "SHA-512",
};

// wayOf is how something is signed: the hash, and with RSASSA-PSS (RFC 4055) the salt. What is not known has no hash.
function wayOf(algorithm, otherwise) {
  const [kind, parameters] = parts(algorithm);
  if (name(kind) !== "1.2.840.113549.1.1.10") return { hash: signatureHashes[name(kind)] || otherwise };
  const said = new Map(parts(expect(parameters, sequence)).map((f) => [f.tag, parts(f)[0]]));
  if (!said.has(0xa0) || !said.has(0xa1)) return {}; // SHA-1
  const hash = hashes[name(parts(said.get(0xa0))[0])], [mask, masked] = parts(said.get(0xa1));
  if (name(mask) !== "1.2.840.113549.1.1.8" || hashes[name(parts(masked)[0])] !== hash) return {};
  const salt = said.has(0xa2) ? expect(said.get(0xa2), integer).body : [20];
  return salt.length === 1 && salt[0] < 0x80 && !said.has(0xa3) ? { hash, salt: salt[0] } : {};
}

function certificate(bytes) {
  const [tbs, algorithm, signature] = parts(expect(whole(bytes), sequence));
  const fields = parts(expect(tbs, sequence));
  if (fields[0]?.tag === 0xa0) fields.shift();
  const [serial, , issuer, validity, subject, key] = fields;
  const [from, until] = parts(expect(validity, sequence)).map(moment);
  const c = {
    raw: bytes, tbs: tbs.raw, way: wayOf(algorithm), signature: bitString(signature),
    serial: expect(serial, integer).raw, issuer: expect(issuer, sequence).raw, subject: expect(subject, sequence).raw,
    key: expect(key, sequence), from, until, authority: false, uses: [],
  };
  for (const extension of parts(fields.find((f) => f.tag === 0xa3) || { tag: 0x20, depth: 0, body: new Uint8Array() })) {
    for (const one of parts(extension)) {
      const fields = parts(one), value = whole(expect(fields.at(-1), octets).body);
      if (name(fields[0]) === "2.5.29.19") c.authority = parts(value)[0]?.body[0] === 0xff;
      if (name(fields[0]) === "2.5.29.37") c.uses = parts(value).map(name);
    }
  }
  return c;
}

function bitString(e) {
  if (expect(e, bits).body[0] !== 0) throw new Bad("der");
  return e.body.subarray(1);
}

// verified tells whether bytes were signed with the key of a certificate.
async function verified(key, { hash, salt }, signature, bytes) {
  if (!hash) return false;
  const [algorithm, parameters] = parts(parts(key)[0]);
  if (name(algorithm) === "1.2.840.10045.2.1" && salt === undefined) {
    const [curve, size] = curves[name(parameters)] || [];
    if (!curve) return false;
    const imported = await crypto.subtle.importKey("spki", key.raw, { name: "ECDSA", namedCurve: curve }, false, ["verify"]);
    return crypto.subtle.verify({ name: "ECDSA", hash }, imported, pair(signature, size), bytes);
  }
  if (name(algorithm) !== "1.2.840.113549.1.1.1") return false;
  const rsa = salt === undefined ? { name: "RSASSA-PKCS1-v1_5", hash } : { name: "RSA-PSS", saltLength: salt, hash };
  return crypto.subtle.verify(rsa, await crypto.subtle.importKey("spki", key.raw, rsa, false, ["verify"]), signature, bytes);
}

// pair are the two numbers of an ECDSA signature, side by side as browsers want them.
function pair(signature, size) {
  const numbers = parts(expect(whole(signature), sequence));
  if (numbers.length !== 2) throw new Bad("der");
  const both = new Uint8Array(2 * size);
  numbers.forEach((n, i) => {
    let b = expect(n, integer).body;
    while (b.length > 1 && b[0] === 0) b = b.subarray(1);
    if (b.length > size) throw new Bad("der");
    both.set(b, (i + 1) * size - b.length);
  });
  return both;
}

// signedData is what a CMS signature (RFC 5652) says, of one signer.
function signedData(e) {
  const [kind, explicit] = parts(expect(e, sequence));
  if (name(kind) !== "1.2.840.113549.1.7.2") throw new Bad("cms");
  const fields = parts(parts(expect(explicit, 0xa0))[0]);
  const [contentKind, content] = parts(expect(fields[2], sequence));
  const signers = parts(expect(fields.at(-1), set));
  if (signers.length !== 1) throw new Bad("cms");
  const [, who, digest, signed, algorithm, signature, more] = parts(signers[0]);
  const [issuer, serial] = parts(expect(who, sequence));
  const attributes = {};
  for (const a of parts(expect(signed, 0xa0))) {
    const [key, values] = parts(a);
    if (name(key) in attributes) throw new Bad("cms");
    attributes[name(key)] = parts(expect(values, set))[0];
  }
  const hash = hashes[name(parts(digest)[0])];
  const stamp = more?.tag === 0xa1 && parts(more).map(parts).find(([key]) => name(key) === "1.2.840.113549.1.9.16.2.14");
  const bytes = signed.raw.slice();
  bytes[0] = set; // as it was signed (RFC 5652, 5.4)
  return {
    kind: name(contentKind), content: content && expect(parts(expect(content, 0xa0))[0], octets).body,
    certificates: fields.filter((f) => f.tag === 0xa0).flatMap(parts).filter((c) => c.tag === sequence).map((c) => c.raw),
    issuer: issuer.raw, serial: expect(serial, integer).raw, hash, attributes, bytes,
    way: wayOf(algorithm, hash), signature: expect(signature, octets).body,
    stamp: stamp ? parts(expect(stamp[1], set))[0] : null,
  };
}

const isOf = (signed, c) => same(signed.issuer, c.issuer) && same(signed.serial, c.serial);

// holds tells whether a signature is of this content, by this key.
async function holds(signed, content, key) {
  const digest = signed.attributes["1.2.840.113549.1.9.4"], kind = signed.attributes["1.2.840.113549.1.9.3"];
  if (!signed.hash || !digest || !kind || name(kind) !== signed.kind) return "unreadable";
  if (!await verified(key, signed.way, signed.signature, signed.bytes)) return "foreign";
  const sum = new Uint8Array(await crypto.subtle.digest(signed.hash, content));
  return same(expect(digest, octets).body, sum) ? "good" : "changed";
}

// stampTime is when an authority that the portal names saw a signature; null when nothing of that can be believed.
async function stampTime(signature, token, authorities) {
  const signed = signedData(token);
  if (signed.kind !== "1.2.840.113549.1.9.16.1.4" || !signed.content) return null;
  const pool = signed.certificates.slice(0, 8).map(certificate);
  const signer = pool.concat(authorities).find((c) => isOf(signed, c));
  if (!signer || signer.uses.length !== 1 || signer.uses[0] !== "1.3.6.1.5.5.7.3.8") return null;
  if (await holds(signed, signed.content, signer.key) !== "good") return null;
  const fields = parts(whole(signed.content));
  const [algorithm, imprint] = parts(expect(fields[2], sequence));
  const hash = hashes[name(parts(algorithm)[0])];
  if (!hash) return null;
  const sum = new Uint8Array(await crypto.subtle.digest(hash, signature));
  if (!same(expect(imprint, octets).body, sum)) return null;
  const at = moment(fields[4]);
  return await follows(signer, pool, authorities, at, 0) ? at : null;
}

// follows tells whether a certificate comes from one of the authorities, and all were good at that time.
async function follows(c, pool, authorities, at, depth) {
  if (at < c.from || at > c.until || depth > 3) return false;
  if (authorities.some((a) => same(a.raw, c.raw))) return true;
  for (const [list, known] of [[authorities, true], [pool.filter((p) => p.authority && p !== c), false]]) {
    for (const above of list) {
      if (!same(above.subject, c.issuer) || !await verified(above.key, c.way, c.signature, c.tbs)) continue;
      if (known ? at >= above.from && at <= above.until : await follows(above, pool, authorities, at, depth + 1)) return true;
    }
  }
  return false;
}

// judge says what a signature is worth: good, with the times, or why it is not.
async function judge(content, signature, pinned) {
  let signed;
  try {
    signed = signedData(whole(signature));
  } catch {
    return { result: "unreadable" };
  }
  const key = pinned.keys.find((k) => isOf(signed, k.certificate));
  if (!key) return { result: "foreign" };
  try {
    const result = await holds(signed, content, key.certificate.key);
    if (result !== "good") return { result };
    const said = moment(signed.attributes["1.2.840.113549.1.9.5"]);
    const stamped = signed.stamp && await stampTime(signed.signature, signed.stamp, pinned.stamps).catch(() => null);
    const at = stamped || said;
    if (at < key.certificate.from || at > key.certificate.until) return { result: "late", said, stamped };
    if (key.withdrawn && !(stamped && stamped < key.withdrawn)) return { result: "withdrawn", said, stamped };
    return { result: "good", said, stamped };
  } catch {
    return { result: "unreadable" };
  }
}

// pinnedOf reads what the portal wrote into the page.
function pinnedOf(text) {
  const said = JSON.parse(text);
  const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return {
    origin: said.origin,
    keys: said.keys.map((k) => ({ certificate: certificate(bytes(k.certificate)), withdrawn: k.withdrawn })),
    stamps: said.stamps.map((s) => certificate(bytes(s))),
    log: said.log ? vkey(said.log, 1) : null, witnesses: (said.witnesses || []).map((w) => vkey(w, 4)),
  };
}

// --- proofs that a line of a person's history stands in the public log (C2SP tlog-proof, tlog-checkpoint, tlog-cosignature)

const proofEnding = /\.(tlog-proof|spicy)$/i, largestProof = 1024 * 1024, lineDomain = "madoguchi ledger line 1\0";
const lineForm = 1, leafSize = 41, chainsShown = 4, receipts = 4;

// decoded reads base64, in the one form that stands for these bytes.
function decoded(base64) {
  let text;
  try {
    text = atob(base64 || "");
  } catch {
    throw new Bad("base64");
  }
  if (btoa(text) !== (base64 || "")) throw new Bad("base64");
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

// vkey reads a key as a signed note has it: name+hash+base64.
function vkey(text, algorithm) {
  const [, called, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) || [];
  const bytes = decoded(encoded);
  if (bytes.length !== 33 || bytes[0] !== algorithm) throw new Bad("key");
  return { called, id, key: bytes.subarray(1) };
}

const sha256 = async (...pieces) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...pieces)));

function joined(...pieces) {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

const utf8 = (text) => new TextEncoder().encode(text);
const whenOf = (view, at) => {
  const value = Number(view.getBigInt64(at));
  if (!Number.isSafeInteger(value) || Math.abs(value) > 8.64e15) throw new Bad("time");
  return value;
};

// proofFile reads one. What it says is not believed: see judgeProof.
function proofFile(text) {
  let rest = text.replace(/^c2sp\.org\/tlog-proof@v1\n/, "");
  const next = () => {
    const end = rest.indexOf("\n");
    if (end < 0) throw new Bad("proof");
    const line = rest.slice(0, end);
    rest = rest.slice(end + 1);
    return line;
  };
  let line = next(), extra = null;
  if (line.startsWith("extra ")) [extra, line] = [decoded(line.slice(6)), next()];
  const [, index] = /^index (0|[1-9][0-9]{0,14})$/.exec(line) || [];
  if (index === undefined) throw new Bad("proof");
  const hashes = [];
  while ((line = next()) !== "") {
    const hash = decoded(line);
    if (hash.length !== 32 || hashes.push(hash) > 130) throw new Bad("proof");
  }
  return { extra, index: Number(index), hashes, checkpoint: checkpointOf(rest) };
}

function checkpointOf(text) {
  const at = text.lastIndexOf("\n\n");
  if (at < 0 || !text.endsWith("\n")) throw new Bad("note");
  const body = text.slice(0, at + 1), [origin, size, root] = body.split("\n");
  if (!origin || !/^(0|[1-9][0-9]{0,14})$/.test(size)) throw new Bad("checkpoint");
  const signatures = text.slice(at + 2, -1).split("\n").slice(0, 100).map((line) => {
    const [, called, encoded] = /^\u2014 (\S+) (\S+)$/.exec(line) || [];
    return { called, bytes: decoded(encoded) };
  });
  return { body, origin, size: Number(size), root: decoded(root), signatures };
}

// signedBy is the signature of a key that holds, without the key's id; null when there is none.
async function signedBy(checkpoint, key, what) {
  const imported = await crypto.subtle.importKey("raw", key.key, "Ed25519", false, ["verify"]);
  for (const { called, bytes } of checkpoint.signatures) {
    if (called !== key.called || Array.from(bytes.subarray(0, 4), (b) => b.toString(16).padStart(2, "0")).join("") !== key.id) continue;
    const { signature, signed } = what(bytes.subarray(4));
    if (signature.length === 64 && await crypto.subtle.verify("Ed25519", imported, signature, utf8(signed))) return bytes.subarray(4);
  }
  return null;
}

// cosignedAt is when a witness signed, in milliseconds; 0 when it did not.
async function cosignedAt(checkpoint, key) {
  const seconds = (bytes) => Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigUint64(0));
  const found = await signedBy(checkpoint, key, (bytes) => bytes.length !== 72 ? { signature: bytes } : {
    signature: bytes.subarray(8), signed: `cosignature/v1\ntime ${seconds(bytes)}\n${checkpoint.body}`,
  });
  return found ? seconds(found) * 1000 : 0;
}

// rootWith is the root of the log in which a leaf stands (RFC 9162, 2.1.3.2); null when the proof is of another shape.
async function rootWith(leaf, { index, hashes, checkpoint }) {
  if (index >= checkpoint.size) return null;
  let at = index, last = checkpoint.size - 1, root = await sha256([0], leaf);
  for (const hash of hashes) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      root = await sha256([1], hash, root);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else {
      root = await sha256([1], root, hash);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root : null;
}

// lineOf is what the opening of a line says, and its leaf.
async function lineOf(opening) {
  const domain = utf8(lineDomain), fixed = domain.length + 2 + 8 + 32 + 32 + 8 + 8;
  if (opening.length < fixed || !same(opening.subarray(0, domain.length), domain)) throw new Bad("line");
  const view = new DataView(opening.buffer, opening.byteOffset, opening.length);
  const chain = opening[domain.length + 1], number = view.getBigUint64(domain.length + 2);
  const recorded = whenOf(view, fixed - 16), length = view.getBigUint64(fixed - 8);
  if (length !== BigInt(opening.length - fixed) || chain < 1 || chain > chainsShown) throw new Bad("line");
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigInt64(0, BigInt(recorded));
  return { chain, number: String(number), recorded, leaf: joined([lineForm], time, await sha256(opening)) };
}

function leafOf(leaf) {
  if (leaf.length !== leafSize || leaf[0] !== lineForm) throw new Bad("leaf");
  return { recorded: whenOf(new DataView(leaf.buffer, leaf.byteOffset, leaf.length), 1), leaf };
}

// judgeProof says whether a line stands in the log of this portal: the one in the proof itself, or the leaf beside it.
async function judgeProof(text, leaf, pinned) {
  let proof, line;
  try {
    proof = proofFile(text);
    if (!leaf && !proof.extra) return { result: "missing" };
    line = leaf ? leafOf(leaf) : await lineOf(proof.extra);
  } catch (error) {
    if (error instanceof Bad) return { result: "unproven" };
    throw error;
  }
  const { checkpoint } = proof;
  if (!pinned.log || checkpoint.origin !== pinned.log.called) return { result: "foreign-log" };
  try {
    if (!await signedBy(checkpoint, pinned.log, (signature) => ({ signature, signed: checkpoint.body }))) return { result: "foreign-log" };
  } catch (error) {
    if (error.name === "NotSupportedError" || error.name === "SyntaxError") return { result: "unable" };
    throw error;
  }
  const root = await rootWith(line.leaf, proof);
  if (!root || !same(root, checkpoint.root)) return { result: "not-in-log" };
  const times = (await Promise.all(pinned.witnesses.map((w) => cosignedAt(checkpoint, w)))).filter(Boolean);
  return {
    result: "line", chain: line.chain, said: line.recorded, log: checkpoint.origin, number: line.number || "",
    place: `${proof.index + 1} / ${checkpoint.size}`, witnesses: `${times.length} / ${pinned.witnesses.length}`,
    seen: times.length ? Math.max(...times) : 0,
  };
}

// --- archives (ZIP), as the portal writes them

const largest = 512 * 1024 * 1024;

// entries are the files of an archive, not yet unpacked. They fill it, but for what may follow each (its sizes again): a file that the
// list at the end does not name, or names otherwise, is one that some programs unpack.
function entries(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = bytes.length - 22;
  while (end >= 0 && end > bytes.length - 65558 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0 || view.getUint32(end, true) !== 0x06054b50) throw new Bad("zip");
  const count = view.getUint16(end + 10, true), list = new Map();
  const spans = [[view.getUint32(end + 16, true), 0]];
  let at = spans[0][0], all = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50) throw new Bad("zip");
    const [method, packed, size] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const length = view.getUint16(at + 28, true), local = view.getUint32(at + 42, true);
    const raw = bytes.subarray(at + 46, at + 46 + length), called = new TextDecoder("utf-8", { fatal: true }).decode(raw);
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (local + 30 > end || view.getUint32(local, true) !== 0x04034b50) throw new Bad("zip");
    const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    all += size;
    if (begin + packed > end || all > largest || list.has(called)) throw new Bad("zip");
    if (!same(raw, bytes.subarray(local + 30, local + 30 + view.getUint16(local + 26, true)))) throw new Bad("zip");
    spans.push([local, begin + packed]);
    list.set(called, { method, size, packed: bytes.subarray(begin, begin + packed) });
  }
  let filled = 0;
  for (const [begin, until] of spans.sort(([a], [b]) => a - b)) {
    if (begin < filled || begin > filled + (filled && 24)) throw new Bad("zip");
    filled = until;
  }
  return list;
}

async function unpacked({ method, size, packed }) {
  if (method === 0 && packed.length === size) return packed;
  if (method !== 8) throw new Bad("zip");
  const content = new Uint8Array(size);
  let length = 0;
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (length + value.length > size) throw new Bad("zip"); // a bomb
    content.set(value, length);
    length += value.length;
  }
  if (length !== size) throw new Bad("zip");
  return content;
}

// --- what was chosen

const list = "SHA256SUMS", ending = ".p7s", beside = ["NO-TIME-STAMP.txt"];

// check looks at files, by their names, each of which gives its bytes. It says what came of it, and for which files.
async function check(files, pinned) {
  const named = [...files.keys()];
  const archive = named.length === 1 && /\.zip$/i.test(named[0]);
  if (archive) {
    try {
      const inside = new Map();
      for (const [called, entry] of entries(await files.get(named[0])())) inside.set(called, () => unpacked(entry));
      return await checkReceipt(inside, pinned) || await checkList(inside, pinned);
    } catch (error) {
      if (error instanceof Bad || error instanceof TypeError) return { result: "changed", files: named };
      throw error;
    }
  }
  const proofs = named.filter((n) => proofEnding.test(n));
  if (proofs.length === 1 && named.length <= 2) {
    const leaf = named.find((n) => n !== proofs[0]);
    const [proof, beside] = [await files.get(proofs[0])(), leaf && await files.get(leaf)()];
    if (proof.length > largestProof) return { result: "unproven", files: named };
    return { ...await judgeProof(new TextDecoder().decode(proof), beside, pinned), files: named };
  }
  if (files.has(list) && files.has(list + ending)) return checkList(files, pinned, true);
  const signatures = named.filter((n) => n.endsWith(ending));
  const content = named.find((n) => !n.endsWith(ending));
  if (signatures.length !== 1 || named.length !== 2 || !content) return { result: "missing", files: named };
  return { ...await judge(await files.get(content)(), await files.get(signatures[0])(), pinned), files: [content] };
}

// checkReceipt goes by the proofs in the receipt of an application: of each time it was sent the line in the log names by their
// hashes what was signed and the signatures. null for another archive.
async function checkReceipt(files, pinned) {
  const proofs = [...files.keys()].filter((n) => /^[1-9][0-9]{0,3}\/ledger\.tlog-proof$/.test(n)).sort((a, b) => parseInt(a) - parseInt(b));
  if (proofs.length === 0 || files.has(list)) return null;
  let judged, given = [];
  for (const called of proofs) {
    const text = new TextDecoder().decode(await files.get(called)());
    judged = await judgeProof(text, null, pinned);
    if (judged.result !== "line") return { ...judged, files: [called] };
    if (judged.chain !== receipts) return { result: "changed", files: [called] }; // a line of something else
    const folder = called.slice(0, called.indexOf("/") + 1), { extra } = proofFile(text);
    const named = [...files.keys()].filter((n) => n === folder + "application.json" || n.startsWith(folder) && n.endsWith(ending));
    if (!named.includes(folder + "application.json")) return { result: "changed", files: [folder + "application.json"] };
    for (const one of named) {
      const sum = await sha256(await files.get(one)());
      if (!holds32(extra, sum)) return { result: "changed", files: [one] };
    }
    given = given.concat(named);
  }
  const sent = [...files.keys()].filter((n) => /^[^/]+\/application\.json$/.test(n) && !given.includes(n));
  if (sent.length) return { result: "unproven", files: sent }; // not in the log yet, or slipped in
  return { ...judged, files: given };
}

// holds32 tells whether a hash stands somewhere in bytes.
function holds32(bytes, sum) {
  for (let at = 0; at + sum.length <= bytes.length; at++) if (same(bytes.subarray(at, at + sum.length), sum)) return true;
  return false;
}

// checkList goes by a list of hashes that is signed. Where only some files were chosen, the others are not missed.
async function checkList(files, pinned, some) {
  if (!files.has(list) || !files.has(list + ending)) return { result: "missing", files: [...files.keys()] };
  const content = await files.get(list)();
  const judged = await judge(content, await files.get(list + ending)(), pinned);
  if (judged.result !== "good") return { ...judged, files: [list] };
  const listed = new Map(new TextDecoder().decode(content).split("\n").filter(Boolean).map((line) => [line.slice(66), line.slice(0, 64)]));
  const own = [list, list + ending, ...beside];
  const given = [...files.keys()].filter((n) => !own.includes(n));
  const found = (called) => listed.has(called) ? called : some && [...listed.keys()].find((n) => n.endsWith("/" + called));
  const bad = given.filter((n) => !found(n));
  if (!some) bad.push(...[...listed.keys()].filter((n) => !files.has(n)));
  for (const called of given.filter(found)) {
    let sum = "";
    try {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await files.get(called)()));
      sum = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    } catch (error) {
      if (!(error instanceof Bad || error instanceof TypeError)) throw error;
    }
    if (sum !== listed.get(found(called))) bad.push(called);
  }
  return bad.length ? { ...judged, result: "changed", files: bad } : { ...judged, files: given };
}

// --- the page

function begin() {
  const input = document.getElementById("check-files"), results = document.getElementById("check-result");
  const pinned = pinnedOf(document.querySelector("meta[name=pinned]").content);
  const patterns = new Map([...results.querySelectorAll("[data-pattern]")].map((e) => [e, e.dataset.pattern]));
  const time = (ms) => new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: "long", timeStyle: "medium", timeZone: "Asia/Tokyo",
  }).format(ms);
  let turn = 0;

  async function look(chosen) {
    const mine = ++turn;
    show("working", []);
    const files = new Map(chosen.map((f) => [f.name, async () => new Uint8Array(await f.arrayBuffer())]));
    let said;
    try {
      said = chosen.some((f) => f.size > largest) ? { result: "large", files: [...files.keys()] } : await check(files, pinned);
    } catch (error) {
      console.error(error);
      said = { result: "failed", files: [...files.keys()] };
    }
    if (mine !== turn) return; // something else was chosen meanwhile
    show(said.result, said.files || [], said);
  }

  // show brings out the words of a result. Of the files it says their names alone, as text.
  function show(result, files, times = {}) {
    for (const e of results.children) e.hidden = e.dataset.result !== result && !(result === "good" && e.dataset.with === (times.stamped ? "stamp" : "none"));
    const values = {
      ...times, origin: pinned.origin, said: times.said ? time(times.said) : "", stamped: times.stamped ? time(times.stamped) : "",
      seen: times.seen ? time(times.seen) : "—",
    };
    for (const [e, pattern] of patterns) e.textContent = pattern.replace(/\{(\w+)\}/g, (_, what) => values[what] ?? "");
    const names = document.getElementById("check-names");
    names.replaceChildren(...files.slice(0, 1000).map((called) => {
      const line = document.createElement("li"), text = document.createElement("bdi");
      text.textContent = called;
      line.append(text);
      return line;
    }));
    names.hidden = files.length === 0;
    results.dataset.state = result;
    if (result !== "working") results.focus();
  }

  input.addEventListener("change", () => {
    const chosen = [...input.files];
    input.value = ""; // the same may be chosen again
    if (chosen.length) look(chosen);
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    const chosen = [...event.dataTransfer.files];
    if (chosen.length) look(chosen);
  });
  document.getElementById("check-field").hidden = false;
  document.documentElement.dataset.ready = "true";
}

if (typeof document !== "undefined") begin();
