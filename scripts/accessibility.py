"""Runs axe-core on pages in headless Chromium, at three widths and in three sets of colours.

    python scripts/accessibility.py --axe AXE.MIN.JS [--pictures FOLDER] PAGE [PAGE ...]

Needs Debian's chromium and axe.min.js (`npm pack axe-core` brings it). Each page is looked at as it
opens and with every folded part open, and must not scroll sideways. Prints what axe-core finds;
exits 1 when it finds anything. With a folder, a picture of each view is put there.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

WIDTHS = (360, 768, 1400)
COLOURS = {
    "light": {"prefers-color-scheme": "light"},
    "dark": {"prefers-color-scheme": "dark"},
    "forced": {"forced-colors": "active", "prefers-color-scheme": "dark"},
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPEN_ALL = "document.querySelectorAll('details').forEach(folded => { folded.open = true; })"
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Tab:
    """A tab of Chromium, asked over its debugging protocol."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._number = socket, 0

    def ask(self, method: str, **said: Any) -> dict[str, Any]:
        """The answer to one command."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": said}))
        while True:
            answer = json.loads(self._socket.recv(timeout=120))
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return dict(answer["result"])

    def value(self, expression: str) -> Any:
        """What a script gives."""
        found = self.ask(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in found:
            raise RuntimeError(json.dumps(found["exceptionDetails"])[:500])
        return found["result"].get("value")

    def go(self, address: str) -> None:
        """Opens a page and waits until it is there."""
        self.ask("Page.navigate", url=address)
        for _ in range(200):
            time.sleep(0.05)
            if self.value(f"document.readyState === 'complete' && location.href === {address!r}"):
                return
        raise RuntimeError(f"{address} does not open")


@contextmanager
def chromium() -> Iterator[Tab]:
    """A tab of a headless Chromium of its own, which ends with it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("Chromium is not there; install Debian's package chromium.")
    with tempfile.TemporaryDirectory() as profile:
        process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            with connect(_address(Path(profile)), max_size=None) as browser:
                target = Tab(browser).ask("Target.createTarget", url="about:blank")["targetId"]
                root = _address(Path(profile)).split("/devtools/")[0]
                with connect(f"{root}/devtools/page/{target}", max_size=None) as socket:
                    yield Tab(socket)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _address(profile: Path) -> str:
    for _ in range(200):
        found = profile / "DevToolsActivePort"
        if found.is_file() and len(lines := found.read_text().split()) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.1)
    sys.exit("Chromium does not start.")


def view(tab: Tab, page: Path, width: int, colours: str) -> None:
    """Shows a page at a width and in a set of colours."""
    tab.ask(
        "Emulation.setDeviceMetricsOverride",
        width=width, height=900, deviceScaleFactor=1, mobile=False,
    )  # fmt: skip
    features = [{"name": name, "value": value} for name, value in COLOURS[colours].items()]
    tab.ask("Emulation.setEmulatedMedia", features=features)
    tab.go(page.resolve().as_uri())


def violations(tab: Tab, axe: str) -> list[str]:
    """What axe-core finds on the page as it stands, a line for each rule and first place."""
    tab.value(f"(() => {{ {axe} }})()")
    options = json.dumps({"runOnly": {"type": "tag", "values": TAGS}})
    asked = (
        "violations: r.violations.map(v => [v.id, v.help, v.nodes.length, "
        "v.nodes[0].html.slice(0, 160), v.nodes[0].failureSummary]), passed: r.passes.length"
    )
    found = json.loads(
        tab.value(f"axe.run(document, {options}).then(r => JSON.stringify({{{asked}}}))")
    )
    if not found["passed"]:
        raise RuntimeError("axe-core looked at nothing")
    said = [" | ".join(map(str, one)) for one in found["violations"]]
    return [*said, *(["the page scrolls sideways"] if tab.value(SIDEWAYS) else [])]


def picture(tab: Tab, place: Path) -> None:
    """Puts a picture of the whole page, up to 8,000 pixels down, in a file."""
    size = tab.ask("Page.getLayoutMetrics")["cssContentSize"]
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 8000), "scale": 1}
    shot = tab.ask("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
    place.write_bytes(base64.b64decode(shot["data"]))


def main() -> int:
    """Looks at every page in every view; returns how many views have violations, at most 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--axe", required=True, type=Path)
    parser.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    if given.pictures is not None:
        given.pictures.mkdir(parents=True, exist_ok=True)
    axe, faults, views = given.axe.read_text(encoding="utf-8"), 0, 0
    with chromium() as tab:
        tab.ask("Page.enable")
        for page, width, colours in itertools.product(given.pages, WIDTHS, COLOURS):
            view(tab, page, width, colours)
            for state in ("as it opens", "all open"):
                if state == "all open":
                    tab.value(OPEN_ALL)
                found = violations(tab, axe)
                views, faults = views + 1, faults + len(found)
                for fault in found:
                    print(f"{page.name}, {width}, {colours}, {state}: {fault}")
                if given.pictures is not None and state == "as it opens":
                    picture(tab, given.pictures / f"{page.stem}-{width}-{colours}.png")
    print(f"{faults} violations in {views} views")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
