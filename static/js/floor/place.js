/** Where the floor runs: installed or in a tab, in a web view of another app, on a page the browser calls secure. */

const {userAgent} = navigator;

/** Safari on iPhone or iPad (an iPad calls itself a Mac). */
export const isApple = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && navigator.maxTouchPoints > 1);

/** @returns {boolean} */
export const isInstalled = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

/** Inside another app: such views keep no service worker and may empty their storage at any time. */
export const isWebView = /MicroMessenger|DingTalk|Lark|Feishu|AliApp|QQ\/|Weibo|Line\/|FBAN|FBAV|; wv\)/.test(userAgent);

/** Plain http from another machine: no worker, no camera, no storage that lasts. */
export const isInsecure = !window.isSecureContext;

/** @type {any} the browser's offer to install, when it has made one */
let offer = null;

/** @param {() => void} onOffer */
export function hearInstallOffer(onOffer) {
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event;
    onOffer();
  });
  window.addEventListener("appinstalled", () => {
    offer = null;
    onOffer();
  });
}

export const canInstall = () => Boolean(offer);

/** Asks the browser's own question. */
export async function install() {
  const asked = offer;
  offer = null;
  await asked?.prompt();
}

/**
 * The one hint that matters here, or null: which words, and whether a button goes with them.
 * @returns {"web_view" | "insecure" | "install" | "install_ios" | "install_menu" | null}
 */
export function hint() {
  if (isWebView) return "web_view";
  if (isInsecure) return "insecure";
  if (isInstalled()) return null;
  if (offer) return "install";
  return isApple ? "install_ios" : "install_menu";
}
