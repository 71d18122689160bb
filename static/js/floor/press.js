/** What is under a finger stays there: nothing on the screen moves between the press and the click that ends it. */

/** After the click, which comes right behind the release. */
const CLICK_MS = 30;
/** A release that no browser told of holds nothing up for longer. */
const LONGEST_MS = 3000;

let pressed = null;
let wait = Promise.resolve();
let letGo = () => {};

/** Once a page load. */
export function watchPress() {
  const heard = {capture: true, passive: true};
  document.addEventListener("pointerdown", (event) => {
    letGo();
    pressed = event.target;
    wait = new Promise((resolve) => {
      letGo = resolve;
      setTimeout(resolve, LONGEST_MS);
    });
  }, heard);
  for (const name of ["pointerup", "pointercancel"]) {
    document.addEventListener(name, () => {
      pressed = null;
      setTimeout(letGo, CLICK_MS);
    }, heard);
  }
}

/** Whether a finger lies on something inside. @param {Element} element */
export const isPressed = (element) => Boolean(pressed && element.contains(pressed));

/**
 * When the press that goes on now is over. A press on a key takes the focus from a field, and the field's answer would move the key away from
 * under the finger.
 */
export const released = () => (pressed ? wait : Promise.resolve());
