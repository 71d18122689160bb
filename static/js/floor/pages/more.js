/** More: who I am, how it looks, in which language; this device, its storage, its build; help to install; the way out. */

import {band, icon, lamp, row, section, seg, who} from "../components.js";
import {html} from "../html.js";
import {lastCheck} from "../last.js";
import {layout, updateBand} from "../layout.js";
import {hint} from "../place.js";
import {clockTime, dayKey, ago} from "../time.js";
import {lang, pick, t} from "../words.js";

const LOOKS = [["bright", "sun"], ["dark", "moon"], ["studio-dim", "dim"], ["auto", null]];
const SIZES = ["normal", "large", "largest"];

async function more(ctx) {
  const {replica, person} = ctx;
  const me = replica.get("me", person);
  const {look, size} = window.offstageLook.chosen();
  const option = (value, text) => ({value, text});
  const main = html`${updateBand()}
${me && whoSection(ctx, me)}
<ul class="gap-s">${row({href: "/floor/emergency", lead: icon("alarm"), ask: t("floor.tab.emergency"), end: icon("next")})}${
    me && row({href: "/floor/handbook", lead: icon("book"), ask: t("floor.tab.handbook"), end: icon("next")})
  }</ul>
<section class="pad gap-top">${seg({
    label: t("floor.more.look"), action: "/floor/more/look", name: "look", value: look,
    options: LOOKS.map(([value, mark]) => option(value, html`${mark && icon(mark)}${t(`floor.more.look_${value.replace("-", "_")}`)}`)),
  })}</section>
<section class="pad gap-s">${seg({
    label: t("floor.more.language"), action: "/floor/more/language", name: "lang", value: lang(),
    options: [{value: "zh", text: "中文", lang: "zh-CN"}, {value: "en", text: "English", lang: "en"}],
  })}</section>
<section class="pad gap-s">${seg({
    label: t("floor.more.size"), action: "/floor/more/size", name: "size", value: size,
    options: SIZES.map((value) => option(value, t(`floor.more.size_${value}`))),
  })}</section>
${installHint()}
${section({id: "device", title: t("floor.more.device"), body: html`<ul>${[
    checkRow(ctx), outboxRow(replica), deviceRow(replica), replica.meta.isShared ? pinRow(ctx) : officeRow(), buildRow(), signOutRow(ctx),
  ]}</ul>`})}`;
  return layout(ctx, {title: t("floor.tab.more"), tab: "more", main, shows: "status me device person role"});
}

function whoSection({replica}, me) {
  const roles = me.roles.map((id) => pick(replica.get("role", id)) || id).join(t("floor.and"));
  const face = {name: me.name, initials: replica.get("person", me.id)?.initials};
  return html`<section class="pad split">${who(face, "l")}<div class="grow"><p class="lead"><b>${me.name}</b></p><p class="meta">${roles}</p></div></section>`;
}

/** The one thing to know about where this runs (F30): install it, open it in a browser, or why it will not work offline. */
function installHint() {
  const why = hint();
  if (!why) return null;
  if (why === "web_view" || why === "insecure") return html`<div class="gap-top">${band({cue: "wait", text: t(`floor.hint.${why}`)})}</div>`;
  const button = why === "install" && html`<button class="btn" hx-post="/floor/more/install" hx-swap="none">${t("floor.hint.do")}</button>`;
  return section({id: "install", title: t("floor.hint.title"), body: html`<div class="pad stack"><p>${t(`floor.hint.${why}`)}</p>${button}</div>`});
}

function checkRow({now}) {
  const last = lastCheck();
  const isToday = last && dayKey(last.at) === dayKey(now);
  return row({
    href: "/floor/check", lead: icon("shield"), ask: t("floor.check.title"),
    meta: isToday ? t(last.isFine ? "floor.check.passed_at" : "floor.check.failed_at", {time: clockTime(last.at)}) : t("floor.check.not_yet"),
    end: isToday ? lamp(last.isFine ? "go" : "wait", {label: t(last.isFine ? "floor.cue.go" : "floor.cue.look")}) : icon("next"),
  });
}

function outboxRow(replica) {
  const {waiting, need, lastContact} = replica.status();
  const meta = need ? t("floor.sync.need", {n: need}) : waiting ? t("floor.outbox.waiting", {n: waiting}) : t("floor.outbox.contact", {ago: ago(lastContact)});
  return row({href: "/floor/outbox", lead: icon("storage"), ask: t("floor.outbox.title"), meta, end: icon("next")});
}

function deviceRow(replica) {
  const {device, isShared} = replica.meta;
  if (!device) return row({href: "/floor/enrol", lead: icon("phone"), ask: t("floor.enrol.title"), end: icon("next")});
  const {storage} = replica.status();
  return row({
    lead: icon("id"), ask: device.name,
    meta: html`<span>${t(isShared ? "floor.more.shared" : "floor.more.own")}</span><span>${t(storage.persisted ? "floor.storage.persisted" : "floor.storage.not_persisted")}</span>`,
  });
}

/** The office is opened elsewhere: its session would stay in a browser that somebody else takes up next. */
const officeRow = () => row({href: "/", lead: icon("home"), ask: t("floor.more.office"), meta: t("floor.more.office_text"), end: icon("next")});

function buildRow() {
  const build = import.meta.url.match(/\/static\/([^/]+)\/js\//)?.[1] ?? "";
  return row({lead: icon("gear"), ask: t("floor.more.about"), meta: t("floor.more.build", {build})});
}

/** Another one is chosen after the password, right away. */
function pinRow({replica, person}) {
  const me = replica.meta.persons.find(({id}) => id === person);
  if (!me) return null;
  return row({
    lead: icon("keys"), ask: "PIN", meta: t(me.hasPin ? "floor.more.pin_set" : "floor.more.pin_none"),
    end: html`<button class="btn" hx-post="/floor/enrol">${t(me.hasPin ? "floor.more.pin_change" : "floor.more.pin_choose")}</button>`,
  });
}

function signOutRow({replica, person}) {
  if (!person) return null;
  const {waiting = 0} = replica.queues().find(({id}) => id === person) ?? {};
  const name = t(replica.meta.isShared ? "floor.more.leave" : "floor.more.sign_out");
  const sure = waiting ? t("floor.more.sign_out_waiting", {n: waiting}) : t(replica.meta.isShared ? "floor.more.leave_sure" : "floor.more.sign_out_sure");
  return row({
    lead: icon("out"), ask: name, meta: waiting ? t("floor.more.sign_out_waiting", {n: waiting}) : t("floor.more.sign_out_text"),
    end: html`<button class="btn" hx-post="/floor/more/sign-out" hx-confirm="${sure}">${name}</button>`,
  });
}

export const pages = {"/floor/more": more};
