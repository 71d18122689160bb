/**
 * What a person does with a list, as operations and their small effects on this device's view. Nothing here decides a rule: the server
 * judges every one of them again.
 */

import {uuidv7} from "../replica/ids.js";
import {answersIn} from "./who.js";
import {judge, progress} from "./judge.js";
import {ORDER_UNVERIFIED} from "./sheet.js";

/** An item nobody has touched. */
const untouched = (sheet, itemId) => ({
  run_id: sheet.id, item_id: itemId, state: [], answers: [], contested: false, decided: null, waiver: null, case: null, sent_back: null,
});

/** Effects on the item's record. @param {any} sheet @param {string} itemId @param {[string, unknown][]} fields */
const onItem = (sheet, itemId, fields) =>
  setting({bucket: sheet.bucket, kind: "checklist_item", id: sheet.keyOf(itemId)}, fields, sheet.find(itemId) ? undefined : untouched(sheet, itemId));

const onRun = (sheet, fields) =>
  setting({bucket: sheet.bucket, kind: "checklist_run", id: sheet.id}, fields, sheet.isMade ? undefined : sheet.run);

/** The first effect says what a record begins as that is not there yet. */
const setting = (place, fields, start) =>
  fields.map(([field, value], n) => ({...place, do: "set", path: [field], value, ...(n === 0 && start && {start})}));

/** What the person had seen of the item: its current answers and this device's own waiting ones (sync.md §5). */
const itemBasis = (sheet, itemId) => {
  const key = sheet.keyOf(itemId);
  return [...new Set([...(sheet.find(itemId)?.state ?? []), ...sheet.replica.pendingOn("checklist_item", key)])];
};

/** A later round is named by its number and its first run: it may have no run yet. */
const roundOf = (sheet) => (sheet.run.first_run_id ? {round: sheet.round, first_run_id: sheet.run.first_run_id} : {});

/** Both texts go into the note: the Outbox may be read in the other language. */
const texts = ({zh, en}) => ({zh, en});
const note = (name, sheet, params = {}) => ({key: `checklists.outbox.${name}`, params: {list: texts(sheet.template), ...params}});
const about = (sheet, item) => ({item: texts(item)});
const signs = (sheet) => ({by: sheet.ctx.person, at: sheet.ctx.now});

/** Counts once an item's answers are these: what is asked may be more or less than before (F22). */
function countsAfter(sheet, itemId, answers) {
  const found = sheet.find(itemId);
  const {total: _, ...counts} = progress(sheet.template, (id) => (id === itemId ? {...found, answers, contested: false} : sheet.find(id)));
  const isLate = (said) => Number(said.some(({late}) => late));
  return {...counts, late: Math.max(0, (sheet.run.counts.late ?? 0) + isLate(answers) - isLate(answersIn(found)))};
}

/** Takes the list in hand; from now on finishing waits for this device too. @param {boolean} unverified went on without its lists (CHK-3) */
export function openRun(sheet, unverified) {
  const fields = [["status", "open"], ["started_by", sheet.run.started_by ?? sheet.ctx.person]];
  if (unverified) fields.push(["flags", [...new Set([...(sheet.run.flags ?? []), ORDER_UNVERIFIED])].sort()]);
  return sheet.replica.append({
    type: "checklists.open_run", data: {run_id: sheet.id, ...(unverified && {unverified}), ...roundOf(sheet)},
    effects: onRun(sheet, fields), note: note(unverified ? "open_unverified" : "open", sheet),
  });
}

/**
 * One answer to one item.
 * @typedef {{verdict: "pass"|"fail"|"na"|"cleared", value?: string|null, note?: string|null, reason?: string|null, severity?: string|null,
 *   photos?: string[], photos_before?: string[], withdrawn?: string[], fixed?: boolean}} Said
 *   photos_before: those of the fault, where it was fixed on the spot ·
 *   withdrawn: photos in whose place others stand and which were never sent
 * @param {import("./sheet.js").Sheet} sheet @param {import("./judge.js").Item} item @param {Said} said the whole answer, not what changed of it
 */
export function answerItem(sheet, item, said) {
  const id = uuidv7();
  const {ctx, run} = sheet;
  const isCleared = said.verdict === "cleared";
  const unverified = !isCleared && (sheet.openNeeds.length > 0 || sheet.waits(item).length > 0);
  const judged = ["pass", "fail"].includes(said.verdict) && judge(item, said.value, said.verdict) === "fail" ? "fail" : said.verdict;
  const late = run.due_at !== null && ctx.now > run.due_at;
  const {photos = [], withdrawn = [], fixed = false} = said;
  const photos_before = fixed ? (said.photos_before ?? []).filter((sha) => photos.includes(sha)) : [];
  const typed = Object.fromEntries(["value", "note", "reason", "severity"].map((name) => [name, said[name] || null]));
  const answer = {
    id, by: ctx.person, at: ctx.now, verdict: judged, ...typed, photos, photos_before, fixed, late, unverified, received_at: null,
  };
  const kept = isCleared ? [] : [answer];
  const fields = [["state", kept.map((one) => one.id)], ["answers", kept], ["contested", false], ["decided", null], ["waiver", null]];
  if (!isCleared) fields.push(["sent_back", null]);
  const runFields = [["counts", countsAfter(sheet, item.id, kept)]];
  if (run.status === "scheduled") runFields.push(["status", "open"], ["started_by", run.started_by ?? ctx.person]);
  return sheet.replica.append({
    id, type: "checklists.answer_item", basis: itemBasis(sheet, item.id),
    blobs: item.kind === "signature" && said.value ? [...photos, said.value] : photos, withdraws: withdrawn,
    data: {
      run_id: sheet.id, item_id: item.id, verdict: judged, ...withoutEmpty(typed), ...(photos.length && {photos}), ...(fixed && {fixed}),
      ...(photos_before.length && {photos_before}), ...(withdrawn.length && {withdrawn}), ...(unverified && {unverified}), ...roundOf(sheet),
    },
    effects: [...onItem(sheet, item.id, fields), ...onRun(sheet, runFields)], note: note(`answer_${judged}`, sheet, about(sheet, item)),
  });
}

const withoutEmpty = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

/** Opens a fault about an item in one tap (CHK-9). @param {string | null} owner a person who is to see to it */
export function reportFault(sheet, item, owner) {
  const answer = answersIn(sheet.find(item.id)).at(-1);
  const caseId = uuidv7();
  const said = {
    run_id: sheet.id, item_id: item.id, kind: item.playbook ? "incident" : "fault",
    severity: answer?.severity ?? (item.critical ? "major" : "moderate"), note: answer?.note ?? null, owner,
  };
  const opened = {id: caseId, no: null, status: "open", ...said, opened_by: sheet.ctx.person, opened_at: sheet.ctx.now};
  return sheet.replica.append({
    type: "checklists.report_fault", data: {...withoutEmpty(said), case_id: caseId},
    effects: [
      {bucket: sheet.bucket, kind: "case", id: caseId, do: "put", value: opened},
      ...onItem(sheet, item.id, [["case", {id: caseId, no: null, status: "open"}]]),
    ],
    note: note("fault", sheet, about(sheet, item)),
  });
}

/** The list is done; held on the server until every device that took part was heard. */
export const finishRun = (sheet) =>
  sheet.replica.append({
    type: "checklists.finish_run", data: {run_id: sheet.id},
    effects: onRun(sheet, [["status", "done"], ["finished", signs(sheet)], ["rejected", null]]), note: note("finish", sheet),
  });

/** A decision rests on exactly what was on the screen: `state` is the token the page was drawn from (I7). */
const decide = (sheet, type, {state = sheet.run.state, blobs = [], ...data}, effects) =>
  sheet.replica.append({type: `checklists.${type}`, data: {run_id: sheet.id, ...data}, basis: [state], blobs, effects, note: note(type, sheet)});

/** @param {{reason: string}} said */
export const forceFinish = (sheet, {reason}) =>
  decide(sheet, "force_finish", {reason}, onRun(sheet, [
    ["status", "done"], ["finished", {...signs(sheet), forced: {by: sheet.ctx.person, reason}}], ["rejected", null],
  ]));

/** @param {{signature: string, text: string | null, state: string}} said signature: sha256 of its PNG */
export const acceptRun = (sheet, {signature, text, state}) =>
  decide(sheet, "accept_run", {state, blobs: [signature], signature, ...(text && {note: text})}, onRun(sheet, [
    ["status", "accepted"], ["accepted", {...signs(sheet), signature, note: text}],
  ]));

/** @param {{reason: string, items: {item_id: string, note: string | null}[], state: string}} said items: what has to be answered anew */
export const rejectRun = (sheet, {reason, items, state}) =>
  decide(sheet, "reject_run", {state, reason, items: items.map(withoutEmpty)}, [
    ...onRun(sheet, [["status", "open"], ["finished", null], ["rejected", {...signs(sheet), reason}]]),
    ...items.flatMap((one) => onItem(sheet, one.item_id, [["sent_back", {...signs(sheet), note: one.note}]])),
  ]);

/** @param {{reason: string, state: string}} said */
export const reopenRun = (sheet, {reason, state}) =>
  decide(sheet, "reopen_run", {state, reason}, onRun(sheet, [
    ["status", "open"], ["accepted", null], ["finished", null], ["rejected", {...signs(sheet), reason}],
  ]));

/** One step of a waiver. @param {{role: string, isLast: boolean}} step */
export function waiveItem(sheet, item, step, reason) {
  const steps = [...(sheet.find(item.id)?.waiver?.steps ?? []), {role: step.role, ...signs(sheet), reason}];
  return sheet.replica.append({
    type: "checklists.waive_item", data: {run_id: sheet.id, item_id: item.id, reason}, basis: itemBasis(sheet, item.id),
    effects: onItem(sheet, item.id, [["waiver", {steps, complete: step.isLast}]]), note: note("waive", sheet, about(sheet, item)),
  });
}

/** A lead says which of two answers stands (CHK-7). @param {any} answer in full, from the leads' record */
export function decideContested(sheet, item, answer, reason) {
  return sheet.replica.append({
    type: "checklists.decide_contested", data: {run_id: sheet.id, item_id: item.id, answer_id: answer.id, ...(reason && {reason})},
    basis: itemBasis(sheet, item.id),
    effects: [
      ...onItem(sheet, item.id, [
        ["answers", [answer]], ["state", [answer.id]], ["contested", false],
        ["decided", {...signs(sheet), answer_id: answer.id, reason: reason || null}],
      ]),
      ...onRun(sheet, [["counts", countsAfter(sheet, item.id, [answer])]]),
    ],
    note: note("decide", sheet, about(sheet, item)),
  });
}

/** A list begun by hand, now; it keeps the version its starter saw (CHK-1). @returns {Promise<string>} the run's id */
export async function startRun(ctx, template, title) {
  const id = uuidv7();
  const {now, person, replica} = ctx;
  const length = (template.due_offset_min - template.start_offset_min) * 60_000;
  const {total: _, ...counts} = progress(template, () => undefined);
  const run = {
    id, template: `${template.code}@${template.version}`, code: template.code, show_id: null, title: title || null, anchor_at: now, start_at: now,
    due_at: now + length, repeat_min: template.repeat_min, round: template.repeat_min ? 1 : null, first_run_id: null, status: "open",
    rejected: null, assignees: [], needs: [], state: "", finished: null, accepted: null, result: null, score: null, flags: [],
    counts: {...counts, late: 0}, started_by: person, cancelled: null,
  };
  await replica.append({
    type: "checklists.start_run", data: {run_id: id, template: run.template, ...(title && {title})},
    effects: [{bucket: `site:${replica.meta.site?.id ?? replica.meta.site}`, kind: "checklist_run", id, do: "put", value: run}],
    note: {key: "checklists.outbox.start", params: {list: texts(template)}},
  });
  return id;
}
