"""The build: ours and nobody else's look, every face there, nothing done twice, no address in the lock."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from family_portal import assets


def test_the_stylesheet_is_ours() -> None:
    sheet = (assets.DIST / "assets" / "kith.css").read_text()
    assert not [colour for colour in assets.NOT_OURS if colour in sheet]
    assert not re.search(r"#0101[a-c][0-9a-f]", sheet)
    known = set(re.findall(r"(--k-[\w-]+):", sheet))
    assert set(re.findall(r"var\((--k-[\w-]+)\)", sheet)) <= known


def test_every_face_of_the_stylesheet_lies_beside_it() -> None:
    root = assets.DIST / "assets"
    named = set(re.findall(r"url\((fonts/[^)]+)\)", (root / "kith.css").read_text()))
    assert named == {f"fonts/{path.name}" for path in (root / "fonts").iterdir()}
    assert {"fonts/zero.woff2", "fonts/more-latin.woff2"} <= named


def test_a_second_build_does_nothing() -> None:
    assets.build()
    assert assets.build() is False
    assert assets.built() == assets.stamp_of()


def test_of_two_who_build_at_once_one_waits_for_the_other(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(assets.build, [tmp_path / "dist"] * 2))
    assert sorted(done) == [False, True]
    assert (tmp_path / "dist" / "assets" / "kith.css").exists()


def test_the_service_worker_keeps_only_what_help_now_needs() -> None:
    worker = (assets.DIST / "sw.js").read_text()
    assert f'const stamp = "{assets.built()}"' in worker and "@" not in worker.split("const patience")[0]
    kept = json.loads("[" + re.findall(r"const shell = \[(.*?)\]", worker)[0] + "]")
    assert all((assets.DIST / "assets" / name).exists() for name in kept)
    assert 'const pages = ["/help-now", "/offline"];' in worker


def test_the_lock_holds_checksums_and_no_address_of_a_machine() -> None:
    lock = json.loads((assets.HOME / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all("integrity" in package for package in packages.values())
    addresses = {package["resolved"] for package in packages.values() if "resolved" in package}
    assert all(address.startswith("https://registry.npmjs.org/") for address in addresses)
