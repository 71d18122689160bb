/** Checklist runs as the pages around them need them: whose they are, how they stand, what they wait for. The run's own page is the checklists feature's. */

import {asked, criticalFails, progress, standing, waitsFor} from "../checklists/judge.js";
import {mayAccept, rolesOf} from "../checklists/who.js";
import {kept, lamp, ring, row} from "./components.js";
import {html, joined} from "./html.js";
import {DAY, clockTime, dayKey, leftCue, leftText, nearTime, now} from "./time.js";
import {has, pick, t} from "./words.js";

const IDLE_AFTER_MS = DAY;

/**
 * @typedef {{id: string, run: any, template: any, name: string, counts: ReturnType<typeof progress>, done: number, critical: any[],
 *   contested: number, locked: any[], isMine: boolean, isForMe: boolean, cue: string, isOver: boolean}} Seen
 *   done: visible items with an answer · locked: needed lists not accepted yet · isForMe: waits for this person's signature
 */

/** @param {import("./router.js").Context} ctx @param {any} run @returns {Seen | null} */
export function seeRun(ctx, run) {
  const {replica, person} = ctx;
  const template = replica.get("checklist_template", run.template);
  if (!template) return null;
  const find = (itemId) => replica.get("checklist_item", `${run.id}/${itemId}`);
  const counts = progress(template, find);
  const critical = run.status === "accepted" ? [] : criticalFails(template, find);
  const isOver = ["done", "accepted", "cancelled"].includes(run.status);
  const seen = {
    id: run.id, run, template, counts, critical, isOver, find,
    name: pick(run.title) || pick(template),
    done: counts.total - counts.open,
    contested: counts.contested,
    locked: isOver ? [] : (run.needs ?? []).filter((need) => !need.accepted_at),
    isMine: run.assignees?.length ? run.assignees.includes(person) : rolesOf(ctx).includes(template.owner_role),
    isForMe: run.status === "done" && mayAccept(ctx, template) && !hasAnswered(template, find, person),
  };
  seen.cue = cueOf(seen);
  return seen;
}

const hasAnswered = (template, find, person) =>
  template.sections.some(({items}) => items.some(({id}) => find(id)?.answers?.some((answer) => answer.by === person)));

/** Red what stops, blue what is being done, amber what waits for a signature, green what is signed. @param {Seen} seen */
function cueOf({run, critical, done, find}) {
  if (run.status === "accepted") return run.result === "fail" || run.flags?.includes("after_acceptance") ? "stop" : "go";
  if (critical.length) return critical.every((item) => standing(find(item.id)) === "contested") ? "two" : "stop";
  if (run.status === "done") return "wait";
  if (run.rejected) return "stop";
  return run.status === "open" && done ? "work" : "off";
}

/** The runs worth a row now: not cancelled, of a repeated list the latest round, signed ones for a day. @param {import("./router.js").Context} ctx */
export function seeRuns(ctx) {
  const all = ctx.replica.all("checklist_run").filter((run) => run.status !== "cancelled" && !isLongOver(run));
  const latest = new Map();
  for (const run of all) {
    const first = run.first_run_id ?? run.id;
    if ((latest.get(first)?.round ?? 0) <= (run.round ?? 1)) latest.set(first, run);
  }
  return [...latest.values()].map((run) => seeRun(ctx, run)).filter(Boolean).sort(byTime);
}

const isLongOver = (run) => run.status === "accepted" && now() - (run.accepted?.at ?? 0) > IDLE_AFTER_MS;
const timeOf = ({run}) => run.due_at ?? run.start_at ?? Infinity;
const byTime = (a, b) => timeOf(a) - timeOf(b) || a.name.localeCompare(b.name);

/** The name of somebody, as everybody may see it. @param {any} replica @param {string} id */
export const nameOf = (replica, id) => replica.get("person", id)?.name ?? t("floor.someone");

/** One run as a row of a list. @param {import("./router.js").Context} ctx @param {Seen} seen @param {number} [day] of the heading above it */
export function runRow(ctx, seen, day = now()) {
  const {run, isOver} = seen;
  return row({
    id: `run-${run.id}`, isTime: true, href: `/floor/run/${run.id}`, state: isOver && seen.cue === "go" ? "done" : undefined,
    lead: dueLabel(seen, day), ask: seen.name, meta: metaOf(ctx, seen), end: endOf(ctx, seen),
  });
}

function dueLabel({run, template, isOver}, day) {
  if (!run.due_at) return template.anchor === "off_air" ? t("floor.run.after_show") : "";
  const text = clockTime(run.due_at);
  if (dayKey(run.due_at) !== dayKey(day)) return html`<span><span class="meta nowrap">${nearTime(run.due_at).replace(/ \S+$/, "")}</span><br>${text}</span>`;
  return !isOver && leftCue(run.due_at) ? html`<b>${text}</b>` : text;
}

function metaOf({replica}, seen) {
  const {run, template, critical, locked, done, counts} = seen;
  const by = (mark) => nameOf(replica, mark.by);
  const late = run.counts?.late > 0 && html`<span class="chip" data-cue="wait">${t("floor.run.late_items", {n: run.counts.late})}</span>`;
  if (run.status === "accepted") {
    return html`${late}<span>${t("floor.run.accepted", {by: by(run.finished ?? {}), name: by(run.accepted), time: nearTime(run.accepted.at)})}</span>${
      seen.cue === "stop" && html`<b class="cue-stop">${t("floor.run.changed_after")}</b>`
    }`;
  }
  if (run.status === "done") {
    const role = pick(replica.get("role", template.accept_role));
    return html`${late}<span>${t("floor.run.done", {name: by(run.finished), role})}</span>`;
  }
  if (locked.length && !done) return t("floor.run.waits", {lists: locked.map(({code}) => shortName(replica, code)).join(t("floor.and"))});
  const left = run.due_at && html`<time-left at="${run.due_at}" class="nowrap${leftCue(run.due_at) && ` cue-${leftCue(run.due_at)}`}">${leftText(run.due_at)}</time-left>`;
  return joined([
    run.rejected && html`<b class="cue-stop">${t("floor.run.rejected", {reason: run.rejected.reason})}</b>`,
    critical.length > 0 && html`<b class="cue-stop">${t("floor.run.critical", {n: critical.length})}</b>`,
    left,
    done > 0 && !critical.length ? html`<span>${stoppedAt(seen)}</span>` : !done && html`<span>${t("floor.run.items", {n: counts.total})}</span>`,
  ], "");
}

/** Two to four characters for the house's own lists; others show their whole name. @param {any} replica @param {string} code */
export function shortName(replica, code) {
  const key = `shows.gate.${code.toLowerCase().replace(/\W/g, "_")}`;
  return has(key) ? t(key) : pick(replica.all("checklist_template").findLast((one) => one.code === code)) || code;
}

/** Where the next open item lies: "停在“导播/中控区”". @param {Seen} seen */
function stoppedAt({template, find}) {
  const next = asked(template, find).find((item) => standing(find(item.id)) === "open" && !waitsFor(item, find).length);
  const section = next && template.sections.find(({items}) => items.includes(next));
  return section ? t("floor.run.stopped_at", {section: pick(section)}) : t("floor.run.ready_to_finish");
}

function endOf({replica}, seen) {
  const {run, done, counts, cue, locked} = seen;
  const own = kept(replica.isPending("checklist_run", run.id));
  if (run.status === "accepted" || run.status === "done") return html`${own}${lamp(cue, {size: "l", label: t(`floor.cue.${cue}`)})}`;
  if (locked.length && !done) return html`${own}${lamp("locked", {size: "l", label: t("floor.cue.locked")})}`;
  return html`${own}${ring({done, total: counts.total, cue: cue === "two" ? "stop" : cue})}`;
}
