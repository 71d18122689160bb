/**
 * Elements whose text is a time that runs. Each holds a moment, not a ticking number (F23), so lock and reload change nothing. The page
 * writes the first text; these keep it right.
 */

import {MINUTE, clockTime, countdown, countdownText, leftCue, leftText, now, stopwatch} from "../floor/time.js";

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
    this.className = cue ? `nowrap cue-${cue}` : "nowrap"; // as the page writes it: what is equal is not swapped
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
