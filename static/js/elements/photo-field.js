/**
 * <photo-field>: takes photos, makes them small and anonymous, keeps them on the device and posts their hashes with the form around.
 * <photo-image sha form>: shows a photo from the device, or from the server once it is there.
 */

import {kept} from "../floor/components.js";
import {device} from "../floor/device.js";
import {t} from "../floor/words.js";

const LONGEST_PX = 1600;
const WANTED_BYTES = 400_000;
const QUALITIES = [0.82, 0.7, 0.58];

/**
 * A photo as it is kept: upright, at most 1600 px, and drawn anew, so that nothing the camera wrote beside the picture is left (CHK-5).
 * @param {Blob} file @returns {Promise<Blob>} JPEG, about 0.3 MB
 */
export async function shrink(file) {
  const picture = await decode(file);
  const scale = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close?.();
  return jpegOf(canvas);
}

/** What a canvas shows, as a photo is kept. The canvas is given up. @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
export async function jpegOf(canvas) {
  let blob = null;
  for (const quality of QUALITIES) {
    blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (blob && blob.size <= WANTED_BYTES) break;
  }
  canvas.width = canvas.height = 0; // phones free a canvas late
  if (!blob) throw new Error("canvas");
  return blob;
}

/** The camera says in the file which way is up; the decoder turns it. */
async function decode(file) {
  try {
    return await createImageBitmap(file, {imageOrientation: "from-image"});
  } catch {
    return decodeByImage(file);
  }
}

/** Formats that only <img> knows on some phones. */
async function decodeByImage(file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    return await createImageBitmap(image);
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

/** The page was drawn anew while the camera was open or the photo made small: a form like the one that is gone sends it. */
function stoodIn(form) {
  const twin = form.cloneNode(true);
  twin.hidden = true;
  document.getElementById("page").append(twin);
  window.htmx.process(twin);
  document.addEventListener("htmx:after:swap", () => twin.remove(), {once: true});
  return twin;
}

class PhotoField extends HTMLElement {
  connectedCallback() {
    if (this.isWired) return;
    this.isWired = true;
    this.addEventListener("click", (event) => event.target.closest("[data-take]") && !this.isBusy && this.querySelector("input[type=file]").click());
    this.addEventListener("change", (event) => {
      if (event.target.type !== "file") return;
      event.stopPropagation();
      this.take([...event.target.files]);
    });
  }

  get isBusy() {
    return this.getAttribute("aria-busy") === "true";
  }

  /** @param {File[]} files */
  async take(files) {
    const form = this.querySelector("form");
    const file = this.querySelector("input[type=file]");
    if (!files.length) return;
    this.busy(t("checklists.photo.working"));
    try {
      const replica = await device();
      const {person} = replica.meta;
      for (const one of files) addHidden(form, await replica.keepBlob(await shrink(one)));
      file.value = "";
      if (form.isConnected) form.requestSubmit();
      else if (replica.meta.person === person) stoodIn(form).requestSubmit(); // never as the work of who came after
      this.busy(null);
    } catch (error) {
      this.busy(null);
      this.say(t(error?.code ? `floor.not_saved.${error.code}` : "checklists.photo.unreadable"));
      console.warn("photo", error);
    }
  }

  busy(text) {
    const label = this.querySelector("[data-take] span");
    this.idle ??= label.textContent;
    label.textContent = text ?? this.idle;
    this.setAttribute("aria-busy", String(text !== null));
  }

  say(text) {
    const label = this.querySelector("[data-take] span");
    label.textContent = text;
    this.querySelector("[data-take]").setAttribute("data-cue", "stop");
  }
}

/** The photo goes with the form. @param {HTMLFormElement} form @param {string} sha */
export function addHidden(form, sha) {
  const input = document.createElement("input");
  Object.assign(input, {type: "hidden", name: "photo", value: sha});
  form.append(input);
}

class PhotoImage extends HTMLElement {
  static observedAttributes = ["sha"];

  async connectedCallback() {
    this.show();
    // A morph of the page around empties the element, which the markup draws empty; the picture is put back before the next paint.
    this.watch ??= new MutationObserver(() => this.picture && !this.firstChild && this.append(this.picture));
    this.watch.observe(this, {childList: true});
    const replica = await device();
    if (!this.isConnected) return;
    this.stop = replica.on("status", () => this.follow(replica));
  }

  disconnectedCallback() {
    this.stop?.();
    this.watch?.disconnect();
  }

  attributeChangedCallback(name, before, after) {
    if (before !== null && before !== after) this.show();
  }

  async show() {
    const [sha, form] = [this.getAttribute("sha"), this.getAttribute("form") ?? "thumb"];
    const replica = await device();
    const url = await replica.blobUrl(sha, form);
    if (sha !== this.getAttribute("sha")) return;
    const image = document.createElement("img");
    image.alt = this.getAttribute("alt") ?? "";
    image.className = "pic";
    image.decoding = "async";
    image.addEventListener("error", () => this.put(onItsWay()), {once: true});
    image.src = url;
    this.put(image);
  }

  put(picture) {
    this.picture = picture;
    this.replaceChildren(picture);
  }

  /** How far it has come changes while the page stands. */
  follow(replica) {
    const state = replica.blobs.rows.get(this.getAttribute("sha"))?.state ?? "sent";
    const mark = this.parentElement?.querySelector(":scope > .kept");
    if (mark && mark.dataset.state !== state && state !== "unreadable") {
      const made = document.createElement("template");
      made.innerHTML = String(kept(state));
      mark.replaceWith(made.content);
    }
    if (this.querySelector("[data-missing]")) this.show();
  }
}

/** The answer is here, its photo not yet (sync.md §5). */
function onItsWay() {
  const text = document.createElement("span");
  text.dataset.missing = "";
  text.className = "photo-missing";
  text.textContent = t("checklists.photo.on_its_way");
  return text;
}

customElements.define("photo-field", PhotoField);
customElements.define("photo-image", PhotoImage);
