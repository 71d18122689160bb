/** One list as the floor's pages see it: run, template, show, items, what it waits for, and where its pages lie. */

import {MINUTE} from "../floor/time.js";
import {uuid5} from "../replica/ids.js";
import {asked, gaps, itemsOf, progress, standing, waitsFor} from "./judge.js";
import {answersIn, isOwnWork, mayAccept, mayAnswer} from "./who.js";

export const ORDER_UNVERIFIED = "order_unverified";

/**
 * The list an address names, or null when this device does not hold it. Of a repeated list (`repeat_min`) `?round=n` names the n-th
 * round; without it the round whose time it is.
 * @param {import("../floor/router.js").Context} ctx with `params.id`
 * @returns {Promise<Sheet | null>}
 */
export async function sheetOf(ctx) {
  const named = ctx.replica.get("checklist_run", ctx.params.id);
  const first = named?.first_run_id ? ctx.replica.get("checklist_run", named.first_run_id) ?? named : named;
  const template = first && ctx.replica.get("checklist_template", first.template);
  if (!template) return null;
  if (!first.repeat_min) return new Sheet(ctx, {run: first, first, template, round: null});
  const asked = Number(ctx.query.get("round"));
  const round = Number.isInteger(asked) && asked > 0 ? asked : (named.first_run_id && named.round) || currentRound(ctx, first);
  return new Sheet(ctx, {run: await runOfRound(ctx, first, template, round), first, template, round});
}

/** The run of the n-th round; one that nobody has begun is told from the first: due a repeat later each (sync.md §5). */
export async function runOfRound(ctx, first, template, round) {
  if (round === 1) return first;
  const id = await uuid5(first.id, String(round));
  const made = ctx.replica.get("checklist_run", id);
  if (made) return made;
  const later = (round - 1) * first.repeat_min * MINUTE;
  return {
    ...first, id, round, first_run_id: first.id, status: first.status === "cancelled" ? "cancelled" : "scheduled",
    start_at: first.start_at && first.start_at + later, due_at: first.due_at && first.due_at + later, state: "",
    finished: null, accepted: null, rejected: null, result: null, score: null, flags: [], started_by: null,
    counts: {...progress(template, () => undefined), late: 0},
  };
}

/** How many rounds the show has room for; more when it runs over. */
export function roundsOf(ctx, first) {
  const show = first.show_id && ctx.replica.get("show", first.show_id);
  const planned = show ? Math.ceil(show.planned_min / first.repeat_min) : 1;
  const made = ctx.replica.all("checklist_run").filter((run) => run.first_run_id === first.id).map((run) => run.round);
  return Math.max(1, planned, ...made);
}

/** The round whose time it is; the first before the show, the last after it. */
export function currentRound(ctx, first) {
  const passed = first.start_at ? Math.floor((ctx.now - first.start_at) / (first.repeat_min * MINUTE)) : 0;
  return Math.min(Math.max(1, passed + 1), roundsOf(ctx, first));
}

export class Sheet {
  constructor(ctx, {run, first, template, round}) {
    Object.assign(this, {ctx, run, first, template, round, id: run.id});
    this.replica = ctx.replica;
    this.show = run.show_id ? ctx.replica.get("show", run.show_id) : undefined;
    this.find = (itemId) => ctx.replica.get("checklist_item", this.keyOf(itemId));
    this.items = itemsOf(template);
  }

  /** The items that are asked as things stand. */
  get asked() {
    return asked(this.template, this.find);
  }

  keyOf = (itemId) => `${this.id}/${itemId}`;

  /** How the item should look, or undefined. @returns {{sha: string, by: string, at: number} | undefined} */
  reference = (item) => this.replica.get("checklist_reference", `${this.template.code}/${item.id}`);

  /** @param {string} itemId */
  item(itemId) {
    return this.items.find((item) => item.id === itemId);
  }

  sectionOf(itemId) {
    return this.template.sections.find((section) => section.items.some((item) => item.id === itemId));
  }

  /** An address of this list. Of a repeated one it names the round, whether that has a run yet or not. */
  url(path = "", params = {}) {
    const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value));
    if (this.round) query.set("round", String(this.round));
    return `/floor/run/${this.first.id}${path && `/${path}`}${query.size ? `?${query}` : ""}`;
  }

  /** A later round has no run before its first answer. */
  get isMade() {
    return Boolean(this.replica.get("checklist_run", this.id));
  }

  /** Where its records lie. */
  get bucket() {
    return `site:${this.replica.meta.site?.id ?? this.replica.meta.site}`;
  }

  /** Lists that come first and are not accepted, as far as this device knows (CHK-3). */
  get openNeeds() {
    return (this.run.needs ?? []).filter(
      (need) => !need.accepted_at && (!need.run_id || this.replica.get("checklist_run", need.run_id)?.status !== "accepted"),
    );
  }

  /** Waits for other lists, and nobody has gone on without them. */
  get isWaiting() {
    return this.run.status === "scheduled" && !this.run.flags?.includes(ORDER_UNVERIFIED) && this.openNeeds.length > 0;
  }

  get isOpen() {
    return this.run.status === "scheduled" || this.run.status === "open";
  }

  /** Signed or cancelled: nothing changes it but reopening. */
  get isOver() {
    return this.run.status === "accepted" || this.run.status === "cancelled";
  }

  /** The person may answer its items now. */
  get canAnswer() {
    return this.isOpen && !this.isWaiting && mayAnswer(this.ctx, this);
  }

  /** The person may sign it or send it back, now or once it is finished. */
  get canAccept() {
    return mayAccept(this.ctx, this.template) && !isOwnWork(this.ctx, this);
  }

  progress = () => progress(this.template, this.find);
  gaps = () => gaps(this.template, this.find);
  waits = (item) => waitsFor(item, this.find);
  standing = (item) => standing(this.find(item.id));

  /** Open and answerable now, in list order. */
  todo = () => this.asked.filter((item) => this.isTodo(item));

  isTodo(item) {
    const found = this.find(item.id);
    return Boolean(found?.sent_back) || (standing(found) === "open" && !this.waits(item).length);
  }

  /** Any answer of the list given after it was due. */
  get lateItems() {
    return this.asked.filter((item) => answersIn(this.find(item.id)).some((answer) => answer.late));
  }

  /** What decides how the page is built; a change asks for the whole page again. */
  get signature() {
    const {status, accepted, rejected} = this.run;
    return [this.isOpen ? "open" : status, this.isWaiting, this.canAnswer, accepted?.at ?? 0, rejected?.at ?? 0].join("-");
  }
}
