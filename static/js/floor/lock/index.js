/** The lock of a shared device, and choosing a PIN: a file of its own, for devices that several people use. */

export const pages = () => import("./pages.js");
export const verbs = () => import("./verbs.js");
