/** The handbook on the device: chapters, clauses, a search that answers while one types (F33), and the clause a list points to (F24). */

import {chip, empty, icon, row, section} from "../floor/components.js";
import {html} from "../floor/html.js";
import {layout} from "../floor/layout.js";
import {pick, t} from "../floor/words.js";
import {find, marked} from "./search.js";

const SHOWS = "handbook rule role me";
const CUES = {critical: "stop", major: "wait"};

const chaptersOf = (replica) => replica.get("handbook", "HB")?.chapters ?? [];

async function handbook(ctx) {
  const {replica, query} = ctx;
  const book = replica.get("handbook", "HB");
  if (!book) return layout(ctx, {title: t("handbook.title"), back: "/floor/more", tab: "more", shows: SHOWS, main: empty({title: t("handbook.none"), text: t("handbook.none_text")})});
  const q = query.get("q") ?? "";
  const mine = query.get("mine") === "1";
  const found = find(rulesOf(ctx, mine), q, (rule) => pick(chaptersOf(replica).find(({id}) => id === rule.chapter)));
  const main = html`<form class="pad stack" role="search" hx-get="/floor/handbook" hx-trigger="input changed delay:60ms, change, submit" hx-target="#clauses" hx-select="#clauses" hx-swap="outerHTML" hx-replace-url="true">
<label class="find find-wide">${icon("search")}<input type="search" name="q" value="${q}" placeholder="${t("handbook.search")}" aria-label="${t("handbook.search")}" autocomplete="off" enterkeyhint="search"></label>
<label class="inline tick"><input type="checkbox" class="check" name="mine" value="1"${mine && html` checked`}><span>${t("handbook.mine")}</span></label>
</form>
<div id="clauses"><p class="pad meta gap-s" role="status">${t("handbook.found", {n: found.length})}</p>
${found.length ? chapters(ctx, found, q) : empty({title: t("handbook.nothing", {q}), text: t("handbook.nothing_text")})}</div>`;
  return layout(ctx, {title: t("handbook.title"), sub: t("handbook.version", {name: pick(book), version: book.version, from: book.effective_from}), back: "/floor/more", tab: "more", main, shows: SHOWS, from: `/floor/handbook?${query}`});
}

/** Clauses in their order; `mine` those of one's own roles and of everybody. */
function rulesOf({replica, person}, mine) {
  const roles = replica.get("me", person)?.roles ?? [];
  const all = replica.all("rule").toSorted((a, b) => a.seq - b.seq || a.id.localeCompare(b.id));
  return mine ? all.filter(({applies_to}) => applies_to.includes("all") || applies_to.some((role) => roles.includes(role))) : all;
}

const chapters = ({replica}, found, q) =>
  chaptersOf(replica).map((chapter) => {
    const rules = found.filter((rule) => rule.chapter === chapter.id);
    return rules.length > 0 && section({id: `chapter-${chapter.id}`, title: pick(chapter), meta: rules.length, body: html`<ul class="rows-time">${rules.map((rule) => ruleRow(rule, q))}</ul>`});
  });

const ruleRow = (rule, q) =>
  row({
    isTime: true, href: `/floor/handbook/${rule.id}`, lead: html`<span class="meta">${marked(rule.id, q)}</span>`, ask: marked(pick(rule), q),
    meta: CUES[rule.severity] && chip(t(`handbook.severity.${rule.severity}`), CUES[rule.severity]), end: icon("next"),
  });

async function clause(ctx) {
  const {replica, params} = ctx;
  const rule = replica.get("rule", params.rule);
  const frame = {back: "/floor/handbook", tab: "more", shows: SHOWS};
  if (!rule) return layout(ctx, {...frame, title: t("floor.missing.title"), main: empty({title: t("floor.missing.title"), text: t("floor.missing.text")})});
  const chapter = pick(chaptersOf(replica).find(({id}) => id === rule.chapter));
  const people = rule.applies_to.map((role) => (role === "all" ? t("handbook.everybody") : pick(replica.get("role", role)) || role)).join(t("floor.and"));
  const main = html`<article class="pad stack gap-top"><p class="lead">${pick(rule)}</p>
<dl class="kv"><dt>${t("handbook.weight")}</dt><dd>${t(`handbook.severity.${rule.severity}`)}</dd><dt>${t("handbook.for")}</dt><dd>${people}</dd><dt>${t("handbook.chapter")}</dt><dd>${chapter}</dd></dl></article>`;
  return layout(ctx, {...frame, title: t("handbook.clause", {id: rule.id}), sub: chapter, main});
}

export const pages = {"/floor/handbook": handbook, "/floor/handbook/:rule": clause};
