/** The item that is open beside its list on a tablet: its keys, its evidence large, what happened to it. */

import {lamp, section} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {clockTime} from "../../floor/time.js";
import {pick, t} from "../../floor/words.js";
import {nameOf} from "../who.js";
import {CUE, criticalMark, faultPlan, helpLinks, limits, markLine, marks, waitsText} from "./bits.js";
import {clearKey, fieldOf, itemPad, verdictKeys} from "./controls.js";
import {evidence, readOnly} from "./item.js";
import {contestedPanel, failPanel, naPanel, waiverPanel} from "./panels.js";
import {figures} from "./photos.js";
import {showsOf, stateOf} from "./state.js";

/** @param {any} sheet @param {any} item @param {import("./state.js").How} [how] */
export function itemPane(sheet, item, how = {}) {
  if (!item) return html`<div class="pane pane-b" id="open-item"></div>`;
  const state = stateOf(sheet, item);
  const error = how.said?.error;
  return html`<div class="pane pane-b" id="open-item" role="region" aria-label="${t("checklists.this_item")}" data-item="${item.id}"
    data-shows="${showsOf(sheet, item, state)}" data-from="${sheet.url(`pane/${item.id}`, {open: how.open})}">
    <section class="pad stack gap-top">
      <p class="inline">${criticalMark(item)}<span class="meta">${item.id} · ${pick(sheet.sectionOf(item.id))}</span></p>
      <h2 class="title">${pick(item)}</h2>
      ${markLine(marks(sheet, {...item, critical: false}), "meta inline")}
      ${item.kind === "number" && html`<p class="lead">${limits(sheet, item)}</p>`}
      ${error && html`<p class="cue-stop" id="error-${item.id}">${error}</p>`}
      ${controls(sheet, item, state, how)}
    </section>${history(sheet, state)}</div>`;
}

function controls(sheet, item, state, how) {
  const {open = ""} = how;
  const {standing, answer} = state;
  if (standing === "contested") return contestedPanel(sheet, item);
  if (state.waits.length) return html`<p class="lead inline">${lamp("locked")}${waitsText(sheet, state.waits)}</p>`;
  if (!state.canAnswer) return readOnly(sheet, item, state, open);
  const field = fieldOf(sheet, item, answer, how);
  const keys = verdictKeys(sheet, item, standing, open);
  const isTick = item.kind === "tick";
  const hasFigures = item.kind === "photo" || standing === "fail";
  const isFail = standing === "fail";
  const keysFirst = isTick || isFail;
  const rest = [!isFail && helpLinks(sheet, item), !state.isOpen && !isTick && clearKey(sheet, item)].filter(Boolean);
  return [
    field.end && html`<div class="inline">${field.end}</div>`, keysFirst && keys, hasFigures ? figures(sheet, item, answer) : field.wide,
    open === "sign" && itemPad(sheet, item), !keysFirst && keys, open === "na" && naPanel(sheet, item), standing === "na" && html`<p>${answer.reason}</p>`,
    isFail ? failPanel(sheet, item, answer, open) : faultPlan(sheet, item, false), standing === "pass" && !hasFigures && evidence(sheet, item, answer),
    rest.length > 0 && html`<div class="inline">${rest}</div>`,
    waiverPanel(sheet, item, standing, open),
  ];
}

/** What happened to this item, as far as its record tells. */
function history(sheet, {found}) {
  if (!found) return null;
  const step = ({at, by}, cue, what, more) => ({at, cue, more, text: t(`checklists.history.${what}`, {name: nameOf(sheet.ctx, by)})});
  const steps = [
    ...found.answers.map((answer) => step(answer, CUE[answer.verdict] ?? "off", answer.verdict ?? "answered", answer.note)),
    ...(found.waiver?.steps ?? []).map((one) => step(one, "wait", "waived", one.reason)),
    found.decided && step(found.decided, "work", "decided", found.decided.reason),
    found.sent_back && step(found.sent_back, "wait", "sent_back", found.sent_back.note),
  ].filter(Boolean).sort((a, b) => a.at - b.at);
  const body = html`<ol class="timeline pad">${steps.map(stepLine)}</ol>`;
  return steps.length > 0 && section({id: "history", title: t("checklists.history"), body});
}

const stepLine = ({at, cue, text, more}) =>
  html`<li><time datetime="${new Date(at).toISOString()}">${clockTime(at)}</time>${lamp(cue)}
    <span>${text}${more && html` <span class="meta">${more}</span>`}</span></li>`;
