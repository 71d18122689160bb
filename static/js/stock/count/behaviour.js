/** What the count screen does beyond asking for markup: hears scans in their order, counts by keys, draws what has changed and no more. */

import {alarm, band} from "../../floor/components.js";
import {feedback} from "../../elements/scan-feedback.js";
import {device} from "../../floor/device.js";
import {sentenceOf} from "../../floor/handle.js";
import {html} from "../../floor/html.js";
import {now} from "../../floor/time.js";
import {t} from "../../floor/words.js";
import {isWide} from "../../checklists/stage.js";
import * as acts from "../acts.js";
import {readCode} from "../codes.js";
import {binFor, thousandths} from "../goods.js";
import {isCounted, mayCount, openCount, placeOf} from "../take.js";
import {last, mult, pad} from "./last.js";
import {CAMERA, dock, said} from "./page.js";
import {hearGoods} from "./read.js";
import {lineRow, linesMeta, rowsOf, stampOf, targets} from "./rows.js";
import {camera, press} from "./stage.js";
import {forget, viewOf} from "./view.js";

const HOLD_MS = 450;
const REPEAT_MS = 120;

/** Once a page load. */
export async function listen() {
  document.addEventListener("scan", ({detail}) => {
    if (here()) detail.waitUntil?.(inOrder(() => heard(detail.raw, detail.via)));
  });
  document.addEventListener("click", tap);
  document.addEventListener("htmx:after:swap", () => here() && camera.isOn && lookOn());
  holdKeys();
  const replica = await device();
  replica.on("change", ({kinds}) => {
    if (kinds.includes("product")) forget();
    if (kinds.includes("count_line")) drawSoon();
  });
}

const here = () => document.getElementById("count")?.dataset;

async function context() {
  const replica = await device();
  return {replica, person: replica.meta.person, now: now(), query: new URLSearchParams(), path: location.pathname};
}

let queue = Promise.resolve();

/** Scans and keys one after the other, as they came; what one of them could not do stops none of the others. @param {() => Promise<any>} work */
function inOrder(work) {
  queue = queue.then(work).catch(notSaved);
  return queue;
}

/** It was not kept: heard and seen at once (F2, F3). */
function notSaved(error) {
  const text = sentenceOf(error);
  feedback("wrong", text);
  if (!error.code) console.error(error);
  return window.htmx.swap({text: String(alarm(text)), target: "#notices", swap: "innerHTML"});
}

const visit = (path) => window.htmx.ajax("GET", path, {target: "#page", swap: "outerHTML", push: "true"});

// -- scans ----------------------------------------------------------------------------------------------------------------

/** A code is told apart in order; saving goes on beside the next one, so that quick ones share a transaction. */
async function heard(raw, via) {
  const {take, bin, count} = here() ?? {};
  if (!take) return;
  const ctx = await context();
  if (!count) return heardBin(ctx, take, bin, raw);
  const view = await viewOf(ctx, take, bin);
  if (!view?.count) return;
  const {tone, name, isWeighed, saved, said: what, find} = await hearGoods(view, raw, via);
  if (saved) return void saved.then(() => feedback(tone, name), notSaved).then(() => after(view, isWeighed));
  feedback(tone, what ? t(`stock.said.${what.key}`, what.params) : t("stock.scan.several"));
  if (find) return visit(`${view.url("find")}?q=${encodeURIComponent(find)}`);
  view.stage.said = what;
  return onCount(view) ? draw() : visit(view.url());
}

/** Goods that are weighed are asked how much they are; whatever lay over the count goes. */
function after(view, isWeighed) {
  if (isWeighed && !isWide()) visit(view.url("pad"));
  else if (!onCount(view)) visit(view.url());
}

/** Whether the screen shows the count itself, nothing over it. */
const onCount = (view) => location.pathname === view.url();

/** Bin first (F11): on the page of a stock take its label opens a bin. */
async function heardBin(ctx, takeId, binId, raw) {
  const bin = binFor(ctx.replica, readCode(raw));
  const place = bin && placeOf(ctx, takeId, bin.id);
  if (!place) return refuse(t(bin ? "stock.said.not_in_take" : "stock.said.bin_first", {other: bin?.code}));
  const isMine = mayCount(ctx, ctx.replica.get("stock_take", takeId));
  feedback("ok", bin.code);
  if (isMine && !openCount(ctx, takeId, bin.id) && ["todo", "skipped"].includes(place.state)) await acts.openBin(ctx, takeId, bin.id);
  return visit(`/floor/count/${takeId}/bin/${bin.id}`);
}

function refuse(text) {
  feedback("wrong", text);
  return put("said", html`<div id="said" aria-live="assertive">${band({cue: "stop", text})}</div>`);
}

// -- keys -----------------------------------------------------------------------------------------------------------------

/** The camera was running on the page before: the permission of its first tap still holds. */
function lookOn() {
  const element = document.getElementById("camera");
  if (element?.dataset.state === "off") element.start();
}

function useCamera(key) {
  camera.isOn = !camera.isOn;
  key.setAttribute("aria-pressed", String(camera.isOn));
  document.getElementById("camera")?.remove();
  if (!camera.isOn) return;
  key.parentElement.insertAdjacentHTML("beforeend", String(CAMERA));
  lookOn();
}

function tap({target}) {
  const lens = target.closest?.("[data-camera]");
  if (lens) return useCamera(lens);
  const key = target.closest?.("[data-mult], [data-digit], [data-times], [data-total], [data-step]");
  if (!key || !here()?.count) return;
  const n = Number(key.dataset.step) * (held || 1);
  held = 0;
  inOrder(() => pressed(key.dataset, n));
}

async function pressed({mult: size, digit, times, total}, step) {
  const {take, bin} = here();
  const view = await viewOf(await context(), take, bin);
  if (!view?.count) return;
  const {stage, shown, products, url} = view;
  if (digit) {
    press(stage, digit, Number(document.getElementById("pad").dataset.decimals));
    return put("pad", pad(view));
  }
  if (size) chooseSize(stage, size, products.get(shown?.product_id));
  else if (times !== undefined) Object.assign(stage, {times: Number(stage.typed) || 1, typed: ""});
  else if (total !== undefined) await setTotal(view);
  else await add(view, step * 1000);
  return location.pathname === url() ? draw() : visit(url());
}

function chooseSize(stage, size, product) {
  const isPack = product?.codes.some(({pack}) => pack === size) && size !== "1";
  Object.assign(stage, {typed: "", times: 1, pack: isPack ? {product: product.id, size} : null});
}

/** The number typed is the whole of it; nothing is lost between typing and this key (T19). */
async function setTotal(view) {
  const {stage, shown} = view;
  if (!stage.typed) return;
  const by = thousandths(stage.typed) - shown.total;
  stage.typed = "";
  if (by) await add(view, by); // rule: T19
}

/** More or less of the goods shown, never below nothing. */
async function add({ctx, count, stage, shown, products}, quantity) {
  const by = Math.max(quantity, -shown.total);
  if (!by) return;
  const {lot, expires_on, status, code, key, product_id} = shown;
  const what = product_id ? {product: products.get(product_id) ?? {id: product_id, zh: "—", en: "—"}} : {code, key};
  Object.assign(stage, {shown: shown.id, said: null});
  await acts.recordLine(ctx, count, {...what, lot, expires_on, status, quantity: by, via: "pad"});
}

let held = 0;

/** A key that is held down counts on by itself; it is said once, when it is let go. */
function holdKeys() {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  document.addEventListener("pointerdown", ({target}) => {
    const key = target.closest?.("[data-step]");
    held = 0;
    if (!key) return;
    const figure = document.querySelector("#last .qty-note");
    const on = () => {
      held = held ? held + 1 : 2;
      figure.textContent = `${Number(key.dataset.step) > 0 ? "+" : "−"}${held}`;
      timer = setTimeout(on, REPEAT_MS);
    };
    timer = setTimeout(on, HOLD_MS);
  });
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, stop);
}

// -- drawing --------------------------------------------------------------------------------------------------------------

const FRAME_MS = 16;

let isDrawing = false;
let restMs = FRAME_MS;

/** Many lines a moment are drawn once, and half of the time at least is left for scans: their tone comes first on a slow phone. */
function drawSoon() {
  if (isDrawing || !here()?.count) return;
  isDrawing = true;
  setTimeout(async () => {
    isDrawing = false;
    const begun = performance.now();
    await draw().catch((error) => console.warn("count", error));
    requestAnimationFrame(() => setTimeout(() => (restMs = Math.max(FRAME_MS, performance.now() - begun)))); // the browser's part of it, too
  }, restMs);
}

/** What stands large, and the rows that differ: two hundred others are left alone. */
async function draw() {
  const {take, bin} = here() ?? {};
  const list = document.getElementById("lines");
  const view = list && (await viewOf(await context(), take, bin));
  if (!view?.count || !list.isConnected) return;
  await Promise.all([
    put("said", said(view)), put("mult", mult(view)), put("last", last(view, isWide())), put("count-dock", dock(view)),
    put("lines-n", linesMeta(view.groups.filter(isCounted).length)), view.targets.length && put("targets-part", targets(view)), isWide() && put("pad", pad(view)),
  ]);
  drawRows(list, view);
}

function drawRows(list, view) {
  const rows = rowsOf(view);
  const wanted = new Set(rows.map(({id}) => `line-${id}`));
  for (const row of [...list.children]) if (!wanted.has(row.id)) row.remove();
  rows.forEach((group, n) => {
    let row = document.getElementById(`line-${group.id}`);
    if (row?.dataset.stamp !== stampOf(view, group)) {
      const made = document.createElement("template");
      made.innerHTML = String(lineRow(view, group));
      const fresh = made.content.firstElementChild;
      if (row) row.replaceWith(fresh);
      row = fresh;
    }
    if (list.children[n] !== row) list.insertBefore(row, list.children[n] ?? null);
    if (!row._htmx) window.htmx.process(row);
  });
}

/** What was put last, and what the page made of it. @type {Map<string, {text: string, made: string | undefined}>} */
const drawn = new Map();

/** @param {string} id @param {unknown} content of the element in its place; one that stands there already is left alone */
async function put(id, content) {
  const element = document.getElementById(id);
  const [text, before] = [String(content), drawn.get(id)];
  if (!element || (before?.text === text && before.made === element.outerHTML)) return;
  await window.htmx.swap({text, target: element, swap: "outerMorph", sourceElement: element});
  drawn.set(id, {text, made: document.getElementById(id)?.outerHTML});
}
