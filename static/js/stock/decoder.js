/**
 * The decoder of codes, a worker of its own: a picture comes in, the code nearest to its middle goes out. The browser's own detector where it
 * knows all our formats (without Google's services it knows none, GEN-11), else zxing.
 *
 * in: ImageBitmap | ImageData · out: {code: {raw: string, format: string} | null} or {error: string}
 */

const VENDOR = new URL("../../vendor/zxing-wasm-3.1.4/", import.meta.url).href;
const FORMATS = {
  EAN13: "ean_13", EAN8: "ean_8", UPCA: "upc_a", UPCE: "upc_e", Code128: "code_128", Code39: "code_39", ITF: "itf",
  QRCode: "qr_code", DataMatrix: "data_matrix",
};
const OPTIONS = {formats: Object.keys(FORMATS), tryHarder: true, tryRotate: true, tryInvert: false, maxNumberOfSymbols: 4, textMode: "Plain"};

let read = null;

/** @returns {Promise<((picture: any) => Promise<{raw: string, format: string, corners: {x: number, y: number}[]}[]>) | null>} */
async function ownReader() {
  const wanted = Object.values(FORMATS);
  const known = (await self.BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? [];
  if (!wanted.every((format) => known.includes(format))) return null; // rule: GEN-11
  const detector = new self.BarcodeDetector({formats: wanted});
  return async (picture) =>
    (await detector.detect(picture)).map(({rawValue, format, cornerPoints}) => ({raw: rawValue, format, corners: cornerPoints}));
}

async function zxingReader() {
  const {prepareZXingModule, readBarcodes} = await import("../../vendor/zxing-wasm-3.1.4/es/reader/index.js");
  await prepareZXingModule({overrides: {locateFile: (name) => `${VENDOR}reader/${name}`}, fireImmediately: true});
  return async (picture) => (await readBarcodes(pixels(picture), OPTIONS)).map(codeOf);
}

/** The AIM prefix says that there was an FNC1 in front, which is not part of the text. */
const codeOf = ({text, format, symbology, contentType, symbologyIdentifier, position}) => ({
  raw: contentType === "GS1" ? symbologyIdentifier + text : text,
  format: FORMATS[format] ?? FORMATS[symbology] ?? format,
  corners: [position.topLeft, position.topRight, position.bottomRight, position.bottomLeft],
});

let pen = null;

function pixels(picture) {
  if (picture instanceof ImageData) return picture;
  pen ??= new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  Object.assign(pen.canvas, {width: picture.width, height: picture.height});
  pen.drawImage(picture, 0, 0);
  return pen.getImageData(0, 0, picture.width, picture.height);
}

/** One of several: who aims at a code among others means the one in the middle. */
function nearest(codes, {width, height}) {
  const away = ({corners}) => {
    const [x, y] = ["x", "y"].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length);
    return Math.hypot(x - width / 2, y - height / 2);
  };
  const [first] = codes.sort((a, b) => away(a) - away(b));
  return first ? {raw: first.raw, format: first.format} : null;
}

async function decode(picture) {
  read ??= (await ownReader()) ?? (await zxingReader());
  try {
    return await read(picture);
  } catch {
    read = await zxingReader(); // a detector that said it could, and cannot
    return read(picture);
  }
}

self.addEventListener("message", async ({data: picture}) => {
  const {width, height} = picture;
  try {
    postMessage({code: nearest(await decode(picture), {width, height})});
  } catch (error) {
    postMessage({error: String(error)});
  } finally {
    picture.close?.();
  }
});
