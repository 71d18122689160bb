/** Times as the crew says them: in the site's time zone, by the server's clock as well as this device knows it (GEN-5, GEN-8). */

import {html} from "./html.js";
import {lang, t} from "./words.js";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

let zone = "Asia/Shanghai";
let clock = () => Date.now();
const formats = new Map();

/**
 * Where and by which clock times are told from now on.
 * @param {string | undefined} timeZone @param {() => number} [now] server time, as well as known
 */
export function tellTime(timeZone, now) {
  if (timeZone && timeZone !== zone) {
    zone = timeZone;
    formats.clear();
  }
  if (now) clock = now;
}

/** Server time now, ms since 1970 UTC. */
export const now = () => clock();

// Making a format costs milliseconds, using one microseconds.
function format(options) {
  const key = lang() + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(lang() === "zh" ? "zh-CN" : "en-GB", {timeZone: zone, ...options});
    formats.set(key, made);
  }
  return made;
}

/** "17:30" @param {number} at */
export const clockTime = (at) => format({hour: "2-digit", minute: "2-digit", hourCycle: "h23"}).format(at);

/** "17:30:12" @param {number} at */
export const clockSeconds = (at) => format({hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23"}).format(at);

/** "11月22日 周日", "Sun, 22 Nov" @param {number} at */
export function dayName(at) {
  if (lang() === "zh") return `${format({month: "numeric", day: "numeric"}).formatToParts(at).filter((p) => p.type !== "literal").map((p) => p.value + (p.type === "month" ? "月" : "日")).join("")} ${format({weekday: "short"}).format(at)}`;
  return format({weekday: "short", day: "numeric", month: "short"}).format(at);
}

/** The site's calendar day as "2026-11-22": equal strings, same day. @param {number} at */
export function dayKey(at) {
  const parts = Object.fromEntries(format({year: "numeric", month: "2-digit", day: "2-digit"}).formatToParts(at).map((p) => [p.type, p.value]));
  return `${parts.year}-${parts.month}-${parts.day}`;
}

/** "17:30" today, "周一 17:30" this week, "11月30日 17:30" otherwise. @param {number} at */
export function nearTime(at) {
  const today = now();
  if (dayKey(at) === dayKey(today)) return clockTime(at);
  const name = Math.abs(at - today) < 6 * DAY ? format({weekday: "short"}).format(at) : format({month: "short", day: "numeric"}).format(at);
  return `${name} ${clockTime(at)}`;
}

/** The whole moment: "11月22日 周日 17:30:12". @param {number} at */
export const moment = (at) => `${dayName(at)} ${clockSeconds(at)}`;

/** "24 分", "2 小时 54 分", "3 天": a length, rounded down to minutes. @param {number} ms */
export function span(ms) {
  const minutes = Math.max(0, Math.floor(ms / MINUTE));
  if (minutes < 60) return t("floor.time.minutes", {n: minutes});
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return t("floor.time.days", {n: Math.floor(hours / 24)});
  const rest = minutes % 60;
  return rest ? t("floor.time.hours_minutes", {hours, minutes: rest}) : t("floor.time.hours", {n: hours});
}

/** "14 分钟前", "刚刚"; of never, "还没有连上过". @param {number | null | undefined} at */
export function ago(at) {
  if (!at) return t("floor.time.never");
  const passed = now() - at;
  return passed < MINUTE ? t("floor.time.just_now") : t("floor.time.ago", {span: span(passed)});
}

/** "0:47", "12:05", "1:02:09": a stopwatch. @param {number} ms */
export function stopwatch(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A target of a playbook step: "30 秒", "5 分", "2 小时". @param {number} seconds */
export function target(seconds) {
  if (seconds < 120 && seconds % 60) return t("floor.time.seconds", {n: seconds});
  return seconds === 60 ? t("floor.time.seconds", {n: 60}) : span(seconds * 1000);
}

/** How far away a moment is, as the figures of a countdown. @param {number} at */
export function countdown(at) {
  const left = at - now();
  const minutes = Math.floor(Math.abs(left) / MINUTE);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const part = (n, unit) => html`<b>${n}</b>${t(`floor.unit.${unit}`)}`;
  if (hours >= 48) return part(Math.floor(hours / 24), "days");
  return html`${hours > 0 && part(hours, "hours")}${part(hours > 0 ? String(rest).padStart(2, "0") : rest, "minutes")}`;
}

/** The same as one sentence. @param {number} at */
export const countdownText = (at) =>
  at >= now() ? t("floor.until_start", {span: span(at - now())}) : t("floor.since_start", {span: span(now() - at)});

/** "还有 24 分" or "晚了 6 分". @param {number} at */
export const leftText = (at) => (at >= now() ? t("floor.left", {span: span(at - now())}) : t("floor.overdue", {span: span(now() - at)}));

/** amber within the last half hour, red when over. @param {number} at */
export const leftCue = (at) => (at < now() ? "stop" : at - now() < HOUR / 2 ? "wait" : "");
