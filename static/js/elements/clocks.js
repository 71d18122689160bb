/**
 * Elements whose text is a time that runs. Each holds a moment, not a ticking number (F23), so lock and reload change nothing. The page
 * writes the first text; these keep it right.
 */

import {html} from "../floor/html.js";
import {HOUR, MINUTE, clockTime, now, span, stopwatch} from "../floor/time.js";
import {t} from "../floor/words.js";

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

class Running extends HTMLElement {
  static every = MINUTE;

  connectedCallback() {
    this.tick();
    const {every} = this.constructor;
    // In step with the clock on the wall, so that every row changes at the same moment.
    const next = () => {
      this.timer = setTimeout(() => {
        this.tick();
        next();
      }, every - (now() % every) + 5);
    };
    next();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  get at() {
    return Number(this.getAttribute("at"));
  }
}

/** <count-down at="…">: the figures of a show's countdown. */
class CountDown extends Running {
  tick() {
    const text = String(countdown(this.at));
    if (this.innerHTML !== text) this.innerHTML = text;
    this.setAttribute("aria-label", countdownText(this.at));
  }
}

/** <time-left at="…">: time until a list is due. */
class TimeLeft extends Running {
  tick() {
    this.textContent = leftText(this.at);
    const cue = leftCue(this.at);
    this.className = cue ? `cue-${cue} nowrap` : "nowrap";
  }
}

/** <stop-watch at="…">: time since, to the second. */
class StopWatch extends Running {
  static every = 1000;

  tick() {
    this.textContent = stopwatch(now() - this.at);
  }
}

/** <wall-clock>: the time of day. */
class WallClock extends Running {
  tick() {
    this.textContent = clockTime(now());
  }
}

customElements.define("count-down", CountDown);
customElements.define("time-left", TimeLeft);
customElements.define("stop-watch", StopWatch);
customElements.define("wall-clock", WallClock);
