/** Whether a show can go on air, from the lists on this device: the gates in order, and one sentence (SHW-1, the server decides; this is what one sees). */

import {MINUTE} from "../floor/time.js";
import {t} from "../floor/words.js";
import {rolesOf, seeRun, shortName} from "../floor/runs.js";

const AFTER_MS = 30 * MINUTE;

/** @param {any} show */
export const endsAt = (show) => show.starts_at + show.planned_min * MINUTE;

/** Planned shows that are not over, soonest first. @param {import("../floor/router.js").Context} ctx */
export const coming = ({replica, now}) =>
  replica.all("show").filter((show) => show.status === "planned" && endsAt(show) + AFTER_MS > now).sort((a, b) => a.starts_at - b.starts_at);

/**
 * @typedef {{id: string, label: string, cue: string, seen: import("../floor/runs.js").Seen}} Gate
 */

/**
 * The lists that stand before the start of a show, in the order in which they begin.
 * @param {import("../floor/router.js").Context} ctx @param {any} show @returns {Gate[]}
 */
export function gatesOf(ctx, show) {
  const roles = rolesOf(ctx);
  return ctx.replica.all("checklist_run")
    .filter((run) => run.show_id === show.id && run.status !== "cancelled")
    .map((run) => seeRun(ctx, run, roles))
    .filter((seen) => seen?.template.phase === "pre")
    .sort((a, b) => a.run.start_at - b.run.start_at || a.run.due_at - b.run.due_at)
    .map((seen) => ({id: seen.id, label: shortName(ctx.replica, seen.run.code), cue: seen.cue, seen}));
}

/**
 * One sentence over all gates.
 * @param {Gate[]} gates @returns {{cue: "go" | "stop" | "wait" | "work" | "off", text: string} | null} null: no list hangs on the show
 */
export function verdictOf(gates) {
  if (!gates.length) return null;
  const stopped = gates.filter(({cue}) => cue === "stop" || cue === "two");
  if (stopped.length === 1) return {cue: "stop", text: t("shows.not_ready", {why: reasonOf(stopped[0])})};
  if (stopped.length) return {cue: "stop", text: t("shows.not_ready_gates", {n: stopped.length})};
  const left = gates.filter(({cue}) => cue !== "go");
  if (!left.length) return {cue: "go", text: t("shows.ready")};
  if (left.length === 1) return {cue: "wait", text: t("shows.one_left", {gate: left[0].label})};
  return {cue: gates.some(({cue}) => cue !== "off") ? "work" : "off", text: t("shows.left", {n: left.length})};
}

function reasonOf({label, seen}) {
  if (seen.critical.length) return t("shows.reason_critical", {gate: label, n: seen.critical.length});
  return seen.run.rejected && !seen.isOver ? t("shows.reason_rejected", {gate: label}) : t("shows.reason_changed", {gate: label});
}
