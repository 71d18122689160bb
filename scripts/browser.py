"""Finds the Chromium that tests and pictures drive, and installs Debian's when asked (`make browser`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

MISSING = (
    "No Chromium found: run `make browser` (Debian), or install Chromium or Chrome and name it with CHROMIUM=/path/to/chromium."
)
PACKAGES = ("chromium", "fonts-noto-cjk")
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

# Chromium keeps to the last list of features it is told to do without, so ours begins with Playwright's own. The popups of the
# address bar are two pages that each new window loads: half of what starting a browser costs, and nobody types there.
WITHOUT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
)  # fmt: skip
# Nothing may reach beyond this machine, and a container has neither a sandbox nor a GPU to offer.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(WITHOUT)}",
]


class NoBrowser(RuntimeError):
    """There is no Chromium here; the text says what to do."""


def find_chromium() -> Path:
    """The Chromium to use: CHROMIUM when it is set, else the first on the path. Raises `NoBrowser`."""
    named = os.environ.get("CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise NoBrowser(f"CHROMIUM={named} is not a program that can be run. {MISSING}")
        return Path(named)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    raise NoBrowser(MISSING)


def is_debian() -> bool:
    """Debian itself: Ubuntu's chromium package is only a pointer to a snap, which containers cannot run."""
    release = Path("/etc/os-release")
    return release.exists() and "ID=debian" in release.read_text().splitlines()


def has_chinese() -> bool:
    """Whether some installed font has Chinese; without one every picture is full of empty boxes."""
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False).stdout)


def install() -> None:
    """Install Debian's Chromium and a Chinese font. Raises `NoBrowser` where that is not ours to do."""
    prefix: list[str] = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not is_debian() or not shutil.which("apt-get") or (prefix and not shutil.which("sudo")):
        raise NoBrowser(MISSING)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
        if subprocess.run([*prefix, "apt-get", *step], env=environment, check=False).returncode:
            raise NoBrowser(f"apt-get {step[0]} did not work here. {MISSING}")


def main() -> int:
    """Make sure a browser is there; print which one. Exit status 1 with one sentence when it is not."""
    try:
        if not os.environ.get("CHROMIUM") and not (any(map(shutil.which, NAMES)) and has_chinese()):
            install()
        print(f"Chromium: {find_chromium()}")
    except NoBrowser as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
