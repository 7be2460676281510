"""Archives that mean harm: what no platform writes stops all, what one student does stops only that."""

import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from informal_ict.errors import InputError
from informal_ict.lms.archive import Limits, UnfitArchive, open_archive, safe_path
from informal_ict.lms.collect import planned
from informal_ict.lms.place import Placed, place
from informal_ict.lms.plan import Plan
from informal_ict.lms.platforms import Lms
from lms_downloads import ASSIGNMENT, ELODIE, JEAN, course, notebook, roster, write_zip, zip_bytes

SMALL = Limits(files=20, file_bytes=10_000, nested_bytes=20_000, all_bytes=40_000)
GOOD = {f"{JEAN.in_canvas}_{JEAN.number}_91_tiny.ipynb": notebook("good")}
BAD = f"{ELODIE.in_canvas}_{ELODIE.number}_90_"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    course(tmp_path)
    roster(tmp_path, Lms.CANVAS)
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path


def collect(here: Path, archive: Path, limits: Limits = SMALL) -> tuple[Plan, Placed]:
    root = here / "course"
    with planned(archive, Lms.CANVAS, root, ASSIGNMENT, here / "canvas.csv", limits=limits) as plan:
        return plan, place(plan, root, force=False)


def all_files(here: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}


def problems(plan: Plan) -> str:
    return "\n".join(f"{who}: {text}" for who, text in plan.problems)


def with_link(name: str, target: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def refuse_whole(here: Path, archive: Path, message: str, limits: Limits = SMALL) -> None:
    before = all_files(here)
    with pytest.raises(InputError, match=message):
        collect(here, archive, limits)
    assert all_files(here) == before
    assert not list((here / "course").glob(".collecting-*"))


def only_the_good_one(here: Path, archive: Path, message: str) -> None:
    plan, placed = collect(here, archive)
    assert placed.written == (JEAN.login,)
    assert message in problems(plan)
    written = {
        path.relative_to(here / "course/submitted") for path in (here / "course/submitted").rglob("*.*")
    }
    assert written == {Path(JEAN.login, ASSIGNMENT, "tiny.ipynb")}


@pytest.mark.parametrize(
    "name",
    [
        "../../secret.txt",
        "a/../../../secret.txt",
        "/etc/cron.d/x",
        "..\\..\\secret.txt",
        "C:\\x\\tiny.ipynb",
        "\\\\host\\share\\x",
        f"x/../{BAD}tiny.ipynb",
    ],
)
def test_paths_that_lead_out(here: Path, name: str) -> None:
    refuse_whole(here, write_zip(here / "d.zip", {**GOOD, name: b"x"}), "leads out of the archive")
    inner = {"tiny.ipynb": notebook("bait"), name: b"x"}
    archive = write_zip(here / "d.zip", {**GOOD, f"{BAD}work.zip": zip_bytes(inner)})
    only_the_good_one(here, archive, "work.zip:")


def test_nothing_in_a_path_is_taken_literally() -> None:
    with pytest.raises(UnfitArchive):
        safe_path("good.txt\0/../../evil")
    assert safe_path("./a//b/./c") == ("a", "b", "c")


def test_links(here: Path) -> None:
    archive = write_zip(here / "d.zip", GOOD)
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(with_link(f"{BAD}tiny.ipynb", "secret"), str(here / "secret.txt"))
    refuse_whole(here, archive, "is a link and no file")
    folder = here / "download"
    folder.mkdir()
    (folder / f"{BAD}tiny.ipynb").symlink_to(here / "secret.txt")
    refuse_whole(here, folder, "is a link and no file")
    (folder / f"{BAD}tiny.ipynb").unlink()
    (folder / "away").symlink_to(here, target_is_directory=True)
    refuse_whole(here, folder, "is a link and no file")
    (folder / "away").unlink()
    os.mkfifo(folder / f"{BAD}tiny.ipynb")
    refuse_whole(here, folder, "is no ordinary file")


def test_a_link_within_a_students_zip(here: Path) -> None:
    inner = here / "inner.zip"
    with zipfile.ZipFile(inner, "w") as opened:
        opened.writestr(with_link("tiny.ipynb", "secret"), str(here / "secret.txt"))
    archive = write_zip(here / "d.zip", {**GOOD, f"{BAD}work.zip": inner.read_bytes()})
    only_the_good_one(here, archive, "tiny.ipynb is a link")


def test_bombs(here: Path) -> None:
    """Ten thousand to one; the file is not read, nor is an archive of many such."""
    archive = write_zip(here / "d.zip", {**GOOD, f"{BAD}tiny.ipynb": b"\0" * 50_000})
    only_the_good_one(here, archive, "at most 0 MB are read")
    nested = zip_bytes({f"{place}.txt": b"\0" * 9_000 for place in range(5)})
    archive = write_zip(here / "d.zip", {**GOOD, f"{BAD}work.zip": nested})
    (here / "course/submitted" / JEAN.login / ASSIGNMENT / "tiny.ipynb").unlink()
    (here / "course/submitted" / JEAN.login / ASSIGNMENT).rmdir()
    only_the_good_one(here, archive, "unpacked it is larger than")
    refuse_whole(
        here,
        write_zip(here / "d.zip", {f"{BAD}{place}.txt": b"\0" * 9_000 for place in range(5)}),
        "unpacked it is larger than",
    )
    refuse_whole(here, write_zip(here / "d.zip", {f"{BAD}{n}.txt": b"" for n in range(21)}), "holds 21 files")


def test_an_archive_in_an_archive_in_an_archive_is_a_file_like_others(here: Path) -> None:
    innermost = zip_bytes({"tiny.ipynb": notebook("deep")})
    files = {**GOOD, f"{BAD}work.zip": zip_bytes({"deeper.zip": innermost})}
    collect(here, write_zip(here / "d.zip", files))
    assert (here / "course/submitted/etremblay/tiny/deeper.zip").read_bytes() == innermost


@pytest.mark.parametrize(("real", "said"), [(30_000, 100), (5_000, 6_000)])
def test_sizes_that_lie(here: Path, real: int, said: int) -> None:
    """A header that says less or more than there is."""
    archive = write_zip(here / "d.zip", {f"{BAD}tiny.ipynb": b"\0" * real})
    archive.write_bytes(archive.read_bytes().replace(struct.pack("<L", real), struct.pack("<L", said)))
    refuse_whole(here, archive, "broken" if said < real else "another size")


def test_broken_archives(here: Path) -> None:
    archive = write_zip(here / "d.zip", {**GOOD, f"{BAD}tiny.ipynb": notebook("x" * 500)})
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    refuse_whole(here, archive, "is no zip file that can be read")
    at = whole.index(b"tiny.ipynb") + 20
    archive.write_bytes(whole[:at] + bytes(byte ^ 0xFF for byte in whole[at : at + 8]) + whole[at + 8 :])
    refuse_whole(here, archive, r"is broken")
    archive.write_bytes(b"<html>Please sign in</html>")
    refuse_whole(here, archive, "is no zip file that can be read")
    archive = write_zip(here / "d.zip", {**GOOD, f"{BAD}work.zip": b"PK\x03\x04 not"})
    only_the_good_one(here, archive, "work.zip is no zip file that can be read")


def test_a_password(here: Path) -> None:
    archive = write_zip(here / "d.zip", GOOD)
    content = bytearray(archive.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(bytes(content))
    refuse_whole(here, archive, "has a password")


def test_names_that_hurt_a_disk(here: Path) -> None:
    inner = {
        "tiny.ipynb": notebook("fine"),
        "a" * 300 + ".txt": b"long",
        "what?.txt": b"odd",
        "data": b"a file",
        "data/x.csv": b"a folder of the same name",
    }
    plan, _ = collect(here, write_zip(here / "d.zip", {**GOOD, f"{BAD}work.zip": zip_bytes(inner)}))
    root = here / "course/submitted/etremblay/tiny"
    assert {path.name for path in root.iterdir()} == {"tiny.ipynb", "what_.txt", "data"}
    assert "the name is too long" in problems(plan)
    assert "its folder has the name of a file" in problems(plan)


def test_a_disk_that_refuses_leaves_all_as_it_was(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of two students cannot be moved into place; the first is taken back."""
    files = {**GOOD, f"{BAD}tiny.ipynb": notebook("x")}
    archive = write_zip(here / "d.zip", files)
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if Path(target).parent.name == JEAN.login:
            raise OSError(28, "No space left on device", str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    before = all_files(here)
    with pytest.raises(InputError, match=r"No space left on device. Nothing was changed"):
        collect(here, archive)
    assert all_files(here) == before


def test_what_is_open_is_closed_and_scratch_is_gone(here: Path, tmp_path: Path) -> None:
    archive = write_zip(here / "d.zip", {f"{BAD}work.zip": zip_bytes({"tiny.ipynb": notebook("x")})})
    with open_archive(archive, SMALL) as opened:
        inside = opened.nested(opened.entries[0])
        scratch = opened.scratch
        with inside[0].open() as file:
            assert file.read() == notebook("x")
    assert not scratch.exists()
