/** The service worker: registered once; a new build waits until the person takes it, between tasks (F29). */

const LOOK_MS = 60 * 60_000;

/** @type {ServiceWorker | null} */
let waiting = null;
let isTaking = false;

/** @param {() => void} onNew a new build has come */
export async function keepFresh(onNew) {
  if (!("serviceWorker" in navigator)) return;
  const {serviceWorker} = navigator;
  serviceWorker.addEventListener("controllerchange", () => isTaking && location.reload());
  const registration = await serviceWorker.register("/sw.js", {updateViaCache: "none"}).catch(() => null);
  if (!registration) return;
  const look = () => {
    // The first worker of a device is no update.
    waiting = serviceWorker.controller ? registration.waiting : null;
    document.documentElement.toggleAttribute("data-update", Boolean(waiting));
    if (waiting) onNew();
  };
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
  look();
  setInterval(() => document.visibilityState === "visible" && registration.update().catch(() => {}), LOOK_MS);
}

/** Go over to the new build; the page loads again when it has taken over. */
export function takeUpdate() {
  isTaking = true;
  waiting?.postMessage("skip-waiting");
}
