/** What taps on a list do: each verb appends one operation and answers with what it changed on the screen. */

import {toast} from "../floor/components.js";
import {go, notice, replaceWith} from "../floor/answers.js";
import {html} from "../floor/html.js";
import {pick, t} from "../floor/words.js";
import * as acts from "./acts.js";
import {draftKey, dropDrafts, markDraft} from "./drafts.js";
import {judge, number} from "./judge.js";
import {sheetOn} from "./pages.js";
import {missing} from "./parts/missing.js";
import {around, changed, wholePage} from "./parts/page.js";
import {MOST_PHOTOS} from "./parts/photos.js";
import {withPhrase} from "./parts/phrases.js";
import {answersIn, waiverStep} from "./who.js";

/** A field of the form, or of the address. @param {any} ctx @param {string} name @returns {string | null} */
const field = (ctx, name) => ctx.form.get(name) ?? ctx.query.get(name);

const words = (ctx, name) => field(ctx, name)?.trim() || null;

/** @type {Promise<unknown>} */
let earlier = Promise.resolve();

/**
 * One verb after the other. Who presses a key beside a field says two things at once, what the field holds and what the key means; the
 * second has to see the first, or it puts the item back to what it was.
 */
function inTurn(work) {
  const mine = earlier.then(work);
  earlier = mine.catch(() => {}); // who asked hears of it
  return mine;
}

/** @param {(sheet: any, ctx: any) => Promise<unknown>} run */
const onRun = (run) => (ctx) =>
  inTurn(async () => {
    const sheet = await sheetOn(ctx);
    return sheet ? run(sheet, ctx) : missing(ctx);
  });

/** @param {(sheet: any, item: any, ctx: any) => Promise<unknown>} run */
const onItem = (run) =>
  onRun((sheet, ctx) => {
    const item = sheet.item(ctx.params.item);
    return item ? run(sheet, item, ctx) : missing(ctx);
  });

/** The list as it is after a verb: the run may have come into being, its status may be another. */
const again = (ctx) => sheetOn(ctx);

/** The item's row and what hangs on it; the whole page when the list is in another state now. */
async function shown(sheet, item, ctx, how = {}, said = null) {
  const now = await again(ctx);
  const body = now.signature === sheet.signature ? changed(now, now.item(item.id), how) : wholePage(now);
  return html`${body}${said}`;
}

const current = (sheet, item) => (sheet.find(item.id)?.contested ? undefined : answersIn(sheet.find(item.id)).at(-1));

/** What is said with an answer that stays when only one part of it changes. */
const kept = ({verdict, value, note, reason, severity, photos = [], photos_before = [], fixed}) =>
  ({verdict, value, note, reason, severity, photos, photos_before, fixed});

/** What stays when the fault was mended: the photos so far show the fault. */
const mended = (before) => ({...kept(before), verdict: "pass", fixed: true, photos_before: before.photos ?? []});

const draftsOf = (sheet, item, ...names) => names.map((name) => draftKey(sheet.ctx.person, `${sheet.keyOf(item.id)}/${name}`));

// -- answers --------------------------------------------------------------------------------------------------------------

async function answer(sheet, item, ctx) {
  if (!sheet.canAnswer) return shown(sheet, item, ctx);
  const before = current(sheet, item);
  const said = await readAnswer(sheet, item, ctx, before);
  if (said.error) return shown(sheet, item, ctx, {said});
  if (said.verdict === "na" && !said.reason) return shown(sheet, item, ctx, {open: "na"});
  const drop = () => dropDrafts(...draftsOf(sheet, item, "value", "reason", "ink")); // not before it is kept: storage may be full
  if (isSame(before, said, sheet.find(item.id))) return drop(), shown(sheet, item, ctx);
  const {id} = await acts.answerItem(sheet, item, said);
  drop();
  const isFail = said.verdict === "fail" || judge(item, said.value, said.verdict) === "fail";
  return shown(sheet, item, ctx, {open: isFail ? "fail" : ""}, undoNotice(sheet, item, said, before, id));
}

/** The answer that a form or a key stands for. */
async function readAnswer(sheet, item, ctx, before) {
  const verdict = field(ctx, "verdict");
  if (verdict === "cleared") return {verdict};
  if (verdict === "na") return {verdict, reason: words(ctx, "reason")};
  const value = item.kind === "signature" ? field(ctx, "signature") : words(ctx, "value");
  if (verdict) return {...(before?.verdict === "fail" ? kept(before) : {photos: before?.photos ?? []}), verdict, fixed: false};
  if (!value) return {verdict: "cleared"};
  if (item.kind === "number" && number(value) === null) return {error: t("checklists.not_a_number"), typed: value};
  const judged = judge(item, value, "pass");
  // What was said of the fail stays with the next measurement; once it is good, the fault was mended.
  const whole = before?.verdict === "fail" && (judged === "pass" ? mended(before) : {...kept(before), fixed: false});
  return {...(whole || {photos: before?.photos ?? [], note: before?.note}), reason: null, verdict: judged, value};
}

const SAID = ["verdict", "value", "reason", "fixed"];

/** Leaving a field and pressing its key say the same thing twice; that is one answer. */
function isSame(before, said, found) {
  if (!before) return said.verdict === "cleared" && !found?.answers?.length;
  return !found.sent_back && SAID.every((name) => (before[name] || null) === (said[name] || null));
}

/** Ten seconds to take it back with one thumb (F9). */
function undoNotice(sheet, item, said, before, id) {
  const was = before ? JSON.stringify(kept(before)) : "";
  const text = t(`checklists.said.${said.verdict}`, {item: pick(item)});
  const undo = html`<form hx-post="${sheet.url(`items/${item.id}/undo`)}"><input type="hidden" name="was" value="${was}">
    <input type="hidden" name="id" value="${said.verdict === "cleared" ? "" : id}"><button class="btn">${t("checklists.undo")}</button></form>`;
  return notice(toast({text, action: undo}));
}

/** Takes back what the notice tells of, and nothing that somebody said since. */
async function undo(sheet, item, ctx) {
  const was = field(ctx, "was");
  const isStill = (current(sheet, item)?.id ?? "") === field(ctx, "id") && !sheet.find(item.id)?.contested;
  if (isStill && sheet.canAnswer) await acts.answerItem(sheet, item, was ? JSON.parse(was) : {verdict: "cleared"});
  return shown(sheet, item, ctx, {}, notice(""));
}

/** Note and severity of the answer that stands. */
async function detail(sheet, item, ctx) {
  const before = current(sheet, item);
  if (!before || !sheet.canAnswer) return shown(sheet, item, ctx);
  const severity = field(ctx, "severity") ?? before.severity;
  const phrase = words(ctx, "phrase");
  // Two phrases pressed faster than the page is drawn: the second still holds the note from before the first.
  const isUntouched = field(ctx, "note") === null || (phrase && words(ctx, "note") === words(ctx, "drawn"));
  const typed = isUntouched ? before.note : words(ctx, "note");
  const note = phrase ? withPhrase(typed ?? "", phrase, t("checklists.phrase_mark")) || null : typed;
  if (note !== before.note || severity !== before.severity) await acts.answerItem(sheet, item, {...kept(before), note, severity});
  dropDrafts(...draftsOf(sheet, item, "note"));
  return shown(sheet, item, ctx, {open: "fail"});
}

/** Repaired on the spot and good now; note and photos tell of the fault. */
async function fixed(sheet, item, ctx) {
  const before = current(sheet, item);
  if (!before || !sheet.canAnswer) return shown(sheet, item, ctx);
  const said = mended(before);
  const {id} = await acts.answerItem(sheet, item, said);
  return shown(sheet, item, ctx, {}, undoNotice(sheet, item, said, before, id));
}

/** A photo was taken, taken again or thrown away. The photos of a photo item are its answer. */
async function photos(sheet, item, ctx) {
  if (!sheet.canAnswer) return shown(sheet, item, ctx);
  const before = current(sheet, item);
  const gone = field(ctx, "remove") ?? field(ctx, "replaces");
  const isMended = Boolean(field(ctx, "fixed")) && before?.verdict === "fail";
  const said = withPhotos(item, isMended ? mended(before) : before && kept(before), gone, ctx.form.getAll("photo"));
  if (field(ctx, "marked")) said.withdrawn = unsent(sheet, item, gone);
  const {id} = await acts.answerItem(sheet, item, said);
  if (gone) dropDrafts(...draftsOf(sheet, item, markDraft(gone)));
  if (gone) return replaceWith(sheet.url("", {item: item.id}));
  return shown(sheet, item, ctx, {open: said.verdict === "fail" ? "fail" : ""}, isMended && undoNotice(sheet, item, said, before, id));
}

/** The answer with new photos in the place of the one that is gone, or after the others. */
function withPhotos(item, before, gone, fresh) {
  const swapped = (list = []) => list.flatMap((sha) => (sha === gone ? fresh : [sha]));
  const list = [...new Set([...swapped(before?.photos), ...fresh])].slice(0, MOST_PHOTOS);
  if (item.kind === "photo" && !list.length && before?.verdict !== "fail") return {verdict: "cleared"};
  const said = {...(before ?? {verdict: "pass"}), photos: list, photos_before: swapped(before?.photos_before)};
  if (said.verdict === "na" && list.length) said.verdict = "pass";
  // Without a photo of the repair the fault is what is left to see.
  const isUnmended = item.kind === "photo" && said.fixed && list.every((sha) => said.photos_before.includes(sha));
  return isUnmended ? {...said, verdict: "fail", fixed: false} : said;
}

/** The photo as it was taken, where it never left this device and nothing else shows it: it need not leave it any more. */
function unsent(sheet, item, sha) {
  const others = sheet.replica.all("checklist_item").filter((found) => found.run_id !== sheet.id || found.item_id !== item.id);
  const isUsed = others.some((found) => answersIn(found).some((answer) => answer.photos?.includes(sha)));
  return !isUsed && sheet.replica.blobs.rows.get(sha)?.state === "kept" ? [sha] : [];
}

async function openFault(sheet, item, ctx) {
  const found = sheet.find(item.id)?.case;
  if (!found || found.status === "closed") await acts.reportFault(sheet, item, field(ctx, "owner"));
  return shown(sheet, item, ctx, {}, notice(toast({text: t("checklists.reported")})));
}

async function decide(sheet, item, ctx) {
  const full = sheet.replica.get("contested_item", sheet.keyOf(item.id));
  const chosen = full?.answers.find((one) => one.id === field(ctx, "answer"));
  if (chosen) await acts.decideContested(sheet, item, chosen, words(ctx, "reason"));
  return shown(sheet, item, ctx);
}

async function waive(sheet, item, ctx) {
  const reason = words(ctx, "reason");
  const step = waiverStep(ctx, sheet, item, sheet.standing(item));
  if (!reason || !step?.isMine) return shown(sheet, item, ctx, {open: "waive"});
  await acts.waiveItem(sheet, item, step, reason);
  return shown(sheet, item, ctx);
}

// -- the list as a whole --------------------------------------------------------------------------------------------------

/** Go on although the lists before this one are not known to be accepted (CHK-3). */
async function open(sheet, ctx) {
  await acts.openRun(sheet, sheet.openNeeds.length > 0);
  return wholePage(await again(ctx));
}

async function finish(sheet, ctx) {
  if (sheet.canAnswer && !sheet.gaps().some((gap) => gap.blocks)) await acts.finishRun(sheet);
  return replaceWith(sheet.url("finish"));
}

/** Every one of these is decided on what was on the screen: `state` comes back with the form. */
const stateOf = (sheet, ctx) => ctx.query.get("state") ?? sheet.run.state;

async function accept(sheet, ctx) {
  const signature = field(ctx, "signature");
  if (signature && sheet.run.status === "done") {
    await acts.acceptRun(sheet, {signature, text: words(ctx, "note"), state: stateOf(sheet, ctx)});
    dropDrafts(draftKey(ctx.person, `${sheet.id}/accept/ink`));
  }
  return replaceWith(sheet.url("finish"));
}

async function reject(sheet, ctx) {
  const items = ctx.form.getAll("item").map((item_id) => ({item_id, note: words(ctx, `note-${item_id}`)}));
  await acts.rejectRun(sheet, {reason: words(ctx, "reason"), items, state: stateOf(sheet, ctx)});
  return go(sheet.url());
}

async function reopen(sheet, ctx) {
  await acts.reopenRun(sheet, {reason: words(ctx, "reason"), state: stateOf(sheet, ctx)});
  return go(sheet.url());
}

async function force(sheet, ctx) {
  await acts.forceFinish(sheet, {reason: words(ctx, "reason")});
  return replaceWith(sheet.url("finish"));
}

/** A reason is never empty. */
const withReason = (run) => onRun((sheet, ctx) => (words(ctx, "reason") ? run(sheet, ctx) : around(sheet)));

async function start(ctx) {
  const id = field(ctx, "template");
  const template = ctx.replica.get("checklist_template", id);
  return template ? go(`/floor/run/${await acts.startRun(ctx, template, words(ctx, "title"))}`) : missing(ctx);
}

export const verbs = {
  "POST /floor/run/:id/open": onRun(open),
  "POST /floor/run/:id/items/:item/answer": onItem(answer),
  "POST /floor/run/:id/items/:item/undo": onItem(undo),
  "POST /floor/run/:id/items/:item/detail": onItem(detail),
  "POST /floor/run/:id/items/:item/fixed": onItem(fixed),
  "POST /floor/run/:id/items/:item/photos": onItem(photos),
  "POST /floor/run/:id/items/:item/case": onItem(openFault),
  "POST /floor/run/:id/items/:item/decide": onItem(decide),
  "POST /floor/run/:id/items/:item/waive": onItem(waive),
  "POST /floor/run/:id/finish": onRun(finish),
  "POST /floor/run/:id/force": withReason(force),
  "POST /floor/run/:id/accept": onRun(accept),
  "POST /floor/run/:id/reject": withReason(reject),
  "POST /floor/run/:id/reopen": withReason(reopen),
  "POST /floor/start": start,
};

/** Where a decision that the server did not take is made again: the page as it is now. */
const runAddress = ({data}) => `/floor/run/${data.run_id}`;
const endAddress = ({data}) => `/floor/run/${data.run_id}/finish`;
const itemAddress = ({data}) => `/floor/run/${data.run_id}?item=${data.item_id}`;

export const redo = {
  "checklists.accept_run": endAddress,
  "checklists.reject_run": (operation) => `${endAddress(operation)}?open=reject`,
  "checklists.reopen_run": (operation) => `${endAddress(operation)}?open=reopen`,
  "checklists.force_finish": (operation) => `${endAddress(operation)}?open=force`,
  "checklists.finish_run": endAddress,
  "checklists.waive_item": itemAddress,
  "checklists.decide_contested": itemAddress,
  "checklists.answer_item": itemAddress,
  "checklists.report_fault": itemAddress,
  "checklists.open_run": runAddress,
};

