/** Moving between pages: where the reader's focus and the scroll go, keys in a group, notices that leave by themselves. */

const NOTICE_MS = 10_000;

/** What scrolls in a page: the whole of it on a phone, each pane on a tablet. */
const scrollers = () => [...document.querySelectorAll("#page > main, #page > main > .pane")];

/** @type {Map<string, number[]>} address → how far its page was scrolled */
const scrolled = new Map();
const here = () => location.pathname + location.search;

export function keepPlace() {
  let left = here();
  let isBack = false;
  let tops = null; // where the page stood, until somebody touches it: it may be drawn anew a moment after it was come back to
  // The address bar changes before the swap; what is still on the screen belongs to the address we came from.
  const leave = () => scrolled.set(left, scrollers().map((element) => element.scrollTop));
  document.addEventListener("htmx:before:history:update", leave);
  document.addEventListener("htmx:before:history:restore", () => {
    leave();
    isBack = true;
  });
  document.addEventListener("htmx:after:swap", () => {
    if (here() === left && !isBack) return tops && stand(tops);
    left = here();
    tops = isBack ? scrolled.get(left) ?? [] : null;
    arrive(tops ?? []);
    isBack = false;
  });
  for (const touch of ["pointerdown", "wheel", "keydown"]) {
    document.addEventListener(touch, () => (tops = null), {capture: true, passive: true});
  }
}

/** @param {number[]} tops of what scrolls */
const stand = (tops) => scrollers().forEach((element, n) => (element.scrollTop = tops[n] ?? 0));

/** A page is on the screen: the heading is read out, the list stands where it was left. */
function arrive(tops) {
  stand(tops);
  // A control that is still there (a filter, the search box) keeps the focus.
  const focused = document.activeElement;
  if (focused === document.body || !document.getElementById("page").contains(focused)) {
    document.querySelector("#page [autofocus], #page h1")?.focus({preventScroll: true});  // rule: T42
  }
}

const STEPS = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1};

/** Arrow keys in a group of radio keys move and choose, as readers of such groups expect. */
export function groupKeys() {
  document.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const key = step && event.target.closest?.("[role=radio]");
    const group = key?.closest("[role=radiogroup]");
    if (!group) return;
    event.preventDefault();
    const keys = [...group.querySelectorAll("[role=radio]")];
    const next = keys.at((keys.indexOf(key) + step) % keys.length);
    next.focus();
    next.click();
  });
}

/** Toasts go after ten seconds; what is red stays until it is put away. */
export function sweepNotices() {
  const notices = document.getElementById("notices");
  new MutationObserver(() => {
    for (const toast of notices.querySelectorAll(".toast:not([data-leaves])")) {
      toast.dataset.leaves = "";
      setTimeout(() => toast.remove(), NOTICE_MS);
    }
  }).observe(notices, {childList: true, subtree: true});
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".band, .toast")?.remove());
}
