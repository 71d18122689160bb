/** Ids and sums that Python and JavaScript make alike: UUIDv7, UUIDv5, SHA-256, CRC-32. */

let lastMs = 0;
let counter = 0;

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function dashed(bytes) {
  const text = hex(bytes);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}

/**
 * A UUIDv7. Ids made in one page sort in the order they were made, also within a millisecond and when the clock steps back.
 * @param {number} [now] milliseconds since 1970
 * @returns {string}
 */
export function uuidv7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  if (now > lastMs) {
    lastMs = now;
    counter = ((bytes[6] & 0x07) << 8) | bytes[7];
  } else if (++counter > 0xfff) {
    lastMs += 1;
    counter = 0;
  }
  new DataView(bytes.buffer).setUint32(0, Math.floor(lastMs / 0x10000));
  new DataView(bytes.buffer).setUint16(4, lastMs % 0x10000);
  bytes[6] = 0x70 | (counter >> 8);
  bytes[7] = counter & 0xff;
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return dashed(bytes);
}

/**
 * The UUIDv5 of `name` in the namespace of another id; the n-th round of a run is `uuid5(run, String(n))`.
 * @param {string} namespace @param {string} name
 * @returns {Promise<string>}
 */
export async function uuid5(namespace, name) {
  const space = namespace.replaceAll("-", "").match(/../g).map((pair) => parseInt(pair, 16));
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-1", new Uint8Array([...space, ...utf8(name)]))).slice(0, 16);
  bytes[6] = 0x50 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return dashed(bytes);
}

/** @param {ArrayBuffer} buffer @returns {Promise<string>} 64 hex digits */
export const sha256 = async (buffer) => hex(new Uint8Array(await crypto.subtle.digest("SHA-256", buffer)));

const encoder = new TextEncoder();

/** @param {string} text @returns {Uint8Array} */
export const utf8 = (text) => encoder.encode(text);

const table = Uint32Array.from({length: 256}, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

const follow = (crc, byte) => table[(crc ^ byte) & 0xff] ^ (crc >>> 8);

/** @param {string} text @returns {number} zlib.crc32 of its UTF-8 */
export function crc32(text) {
  let crc = -1;
  // Nearly every id is ASCII, and to turn fifty thousand of them into bytes takes many times as long as to sum them.
  if (/^[\x00-\x7f]*$/.test(text)) for (let at = 0; at < text.length; at++) crc = follow(crc, text.charCodeAt(at));
  else for (const byte of utf8(text)) crc = follow(crc, byte);
  return ~crc >>> 0;
}

/**
 * The sum of a bucket: Σ crc32("kind/id@rev") modulo 2³² over its live records.
 * @param {Iterable<{kind: string, id: string, rev: number}>} records
 */
export function sumOf(records) {
  let sum = 0;
  for (const {kind, id, rev} of records) sum = (sum + crc32(`${kind}/${id}@${rev}`)) >>> 0;
  return sum;
}
