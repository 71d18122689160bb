/** The floor's pages of a list: the run itself, its rows one by one, its end, its rounds, and the lists begun by hand. */

import "../elements/photo-field.js";
import "../elements/scan-field.js";
import "../elements/signature-pad.js";
import {icon} from "../floor/components.js";
import {html} from "../floor/html.js";
import {rememberRun} from "../floor/last.js";
import {layout} from "../floor/layout.js";
import {pick, t} from "../floor/words.js";
import {openRun} from "./acts.js";
import {listen} from "./behaviour.js";
import {finishPage} from "./parts/finish.js";
import {head} from "./parts/head.js";
import {itemRow} from "./parts/item.js";
import {roundsPage, startPage} from "./parts/lists.js";
import {missing} from "./parts/missing.js";
import {around, counts, rowsOf, runPage, wholePage} from "./parts/page.js";
import {itemPane} from "./parts/pane.js";
import {takeKey, wholePhoto} from "./parts/photos.js";
import {sheetOf} from "./sheet.js";
import {isWide, keepOpenItem, openItemOf} from "./stage.js";

listen();

/**
 * The list a request names, as it stands on this screen.
 * @param {import("../floor/router.js").Context} ctx @returns {Promise<import("./sheet.js").Sheet | null>}
 */
export async function sheetOn(ctx) {
  const sheet = await sheetOf(ctx);
  if (!sheet) return null;
  sheet.isWide = isWide();
  if (sheet.isWide) sheet.openItem = openItemOf(sheet);
  return sheet;
}

/** @param {(sheet: any, ctx: any) => unknown} show */
const of = (show) => async (ctx) => {
  const sheet = await sheetOn(ctx);
  return sheet ? show(sheet, ctx) : missing(ctx);
};

const opened = (ctx) => ({open: ctx.query.get("open") ?? ""});

function run(sheet, ctx) {
  takeInHand(sheet);
  if (sheet.canAnswer) rememberRun(ctx.person, sheet.id);
  if (sheet.isWide) keepOpenItem(sheet, sheet.openItem);
  const asked = ctx.query.get("item");
  return runPage(sheet, {...opened(ctx), openItem: asked});
}

/** Lists this page has opened already: the operation that says so may not have reached the view yet. */
const inHand = new Set();

/**
 * Who opens a list to work on it takes part: finishing will wait for this device too (sync.md §5). Once a device, and never because
 * somebody only looks.
 */
function takeInHand(sheet) {
  const name = `offstage.in_hand:${sheet.id}`;
  if (!sheet.canAnswer || !sheet.isMade || inHand.has(name) || localStorage.getItem(name)) return;
  inHand.add(name);
  openRun(sheet, false).then(() => localStorage.setItem(name, String(Date.now())), () => inHand.delete(name));
}

function runHead(sheet, ctx) {
  return ctx.query.get("as") === sheet.signature ? html`${head(sheet)}${counts(sheet)}` : wholePage(sheet);
}

function row(sheet, ctx) {
  const item = sheet.item(ctx.params.item);
  return item ? itemRow(sheet, item, opened(ctx)) : missing(ctx);
}

function pane(sheet, ctx) {
  const item = sheet.item(ctx.params.item);
  if (!item) return missing(ctx);
  const before = sheet.openItem;
  keepOpenItem(sheet, item.id);
  const chosen = before !== item.id && html`${rowsOf(sheet, [before, item.id])}${around(sheet, item)}`;
  return html`${itemPane(sheet, item, opened(ctx))}${chosen}`;
}

async function photo(sheet, ctx) {
  const {sha} = ctx.params;
  const item = sheet.item(ctx.query.get("item"));
  const photos = item ? sheet.find(item.id)?.answers?.at(-1)?.photos ?? [] : [];
  const mayChange = sheet.canAnswer && photos.includes(sha);
  const back = sheet.url("", {item: item?.id});
  const url = sheet.url(`items/${item?.id}/photos`, {remove: sha});
  const remove = html`<button type="button" class="btn" hx-post="${url}">${icon("erase")}${t("checklists.photo.remove")}</button>`;
  const mark = html`<a class="btn" href="${sheet.url(`photo/${sha}/mark`, {item: item?.id})}">${icon("note")}${t("checklists.mark")}</a>`;
  const again = takeKey(sheet, item ?? {}, {replaces: sha, text: t("checklists.photo.retake"), cls: "btn btn-main"});
  const canTake = item && sheet.canAnswer && !photos.length && sheet.reference(item)?.sha === sha;
  return layout(ctx, {
    title: t("checklists.photo"), sub: pick(item), back, tab: "lists",
    main: wholePhoto(sheet, item, photos, sha),
    dock: mayChange ? html`${remove}${mark}${again}` : canTake && takeKey(sheet, item, {replaces: sha, cls: "btn btn-main"}),
  });
}

export const pages = {
  "/floor/run/:id": of(run),
  "/floor/run/:id/head": of(runHead),
  "/floor/run/:id/items/:item": of(row),
  "/floor/run/:id/pane/:item": of(pane),
  "/floor/run/:id/photo/:sha": of(photo),
  "/floor/run/:id/photo/:sha/mark": of(async (sheet, ctx) => (await import("./mark.js")).markPage(sheet, ctx)),
  "/floor/run/:id/finish": of((sheet, ctx) => finishPage(sheet, opened(ctx))),
  "/floor/run/:id/rounds": of((sheet, ctx) => (sheet.round ? roundsPage(sheet) : missing(ctx))),
  "/floor/start": startPage,
};
