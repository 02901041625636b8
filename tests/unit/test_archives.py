"""gzip and ZIP: one catalog inside is read like the file itself; what could do harm is refused by name."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from catalog.errors import UnreadableFileError
from catalog.readers import catalogs_in, open_catalog
from catalog.readers.base import Record
from tests.hostile import as_csv, as_ods, as_xlsx, as_xml, zipped


def saved(folder: Path, content: bytes, name: str = "upload.zip") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def skus(path: Path, member: str | None = None) -> list[str | None]:
    return [found.first("sku") for found in open_catalog(path, member).records() if isinstance(found, Record)]


def refusal(path: Path, member: str | None = None) -> str:
    with pytest.raises(UnreadableFileError) as raised:
        list(open_catalog(path, member).records())
    return str(raised.value)


def test_gzip_of_a_catalog(tmp_path: Path) -> None:
    path = saved(tmp_path, gzip.compress(as_csv("gb18030", ";")), "goods.csv.gz")
    shape = open_catalog(path).shape()
    assert (shape.format, shape.encoding, shape.delimiter, shape.member) == ("csv", "gb18030", ";", "goods.csv")
    assert catalogs_in(path) == ("goods.csv",)


@pytest.mark.parametrize(("name", "content"), [("a.xlsx", as_xlsx()), ("a.ods", as_ods())])
def test_a_workbook_inside_is_no_archive_inside(tmp_path: Path, name: str, content: bytes) -> None:
    assert skus(saved(tmp_path, zipped({name: content})))[0] == "000417"


def test_readmes_pictures_and_litter_are_no_catalogs(tmp_path: Path) -> None:
    parts = {
        "export/goods.csv": as_csv(), "readme.txt": b"hello", "img/a.jpg": b"\xff\xd8\xff", ".DS_Store": b"x",
        "__MACOSX/export/._goods.csv": b"x", "export/~$goods.xlsx": b"x", "empty.csv": b"", "inner.zip": b"PK",
    }  # fmt: skip
    path = saved(tmp_path, zipped(parts))
    assert catalogs_in(path) == ("export/goods.csv",)
    assert open_catalog(path).shape().member == "export/goods.csv"
    assert len(skus(path)) == 4


def test_a_text_file_is_the_catalog_where_nothing_else_is(tmp_path: Path) -> None:
    assert len(skus(saved(tmp_path, zipped({"goods.txt": as_csv(delimiter="\t"), "a.jpg": b"x"})))) == 4


def test_each_of_several_files_is_a_catalog_that_is_opened_by_name(tmp_path: Path) -> None:
    path = saved(tmp_path, zipped({"a.csv": as_csv(), "b/b.xml": as_xml()}))
    assert catalogs_in(path) == ("a.csv", "b/b.xml")
    assert open_catalog(path, "b/b.xml").shape().format == "xml"
    assert skus(path, "a.csv")[0] == "000417"
    assert "2 catalogs (a.csv, b/b.xml)" in refusal(path)
    assert "no catalog c.csv" in refusal(path, "c.csv")


def test_a_plain_file_is_its_own_catalog(tmp_path: Path) -> None:
    path = saved(tmp_path, as_csv(), "a.csv")
    assert catalogs_in(path) == (None,)
    assert "no archive" in refusal(path, "a.csv")
    with pytest.raises(UnreadableFileError, match="no such file"):
        catalogs_in(tmp_path / "absent.zip")


@pytest.mark.parametrize("name", ["../a.csv", "b/../../a.csv", "/etc/a.csv", "C:\\a.csv", "..\\a.csv"])
def test_paths_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    assert "leads out" in refusal(saved(tmp_path, zipped({name: as_csv()})))


def test_links_are_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("a.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "leads out" in refusal(saved(tmp_path, out.getvalue()))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (zipped({"inner.zip": zipped({"a.csv": as_csv()})}), "another archive"),
        (zipped({"a.csv": zipped({"a.csv": as_csv()})}), "inside an archive"),
        (gzip.compress(gzip.compress(as_csv())), "inside an archive"),
        (gzip.compress(zipped({"a.csv": as_csv()})), "inside an archive"),
        (zipped({"a.jpg": b"x"}), "no catalog"),
        (zipped({}), "no catalog"),
        (zipped({"a.csv": b"\x89PNG\r\n\x1a\n\0"}), r"upload.zip/a.csv: this is a PNG image"),
        (gzip.compress(as_csv())[:-9], "damaged"),
        (b"\x1f\x8b" + b"\xff" * 40, "damaged"),
    ],
)
def test_what_can_not_be_read_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    assert says in refusal(saved(tmp_path, content))


def test_a_damaged_member_is_named(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", as_csv())
    assert "damaged" in refusal(saved(tmp_path, out.getvalue().replace(b"Hammer", b"Jammer")))


def test_a_protected_member_is_named(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": as_csv()}))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert "password" in refusal(saved(tmp_path, bytes(content)))


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    reader = open_catalog(saved(tmp_path, zipped({"a.csv": as_csv()})))
    assert len(list(scratch.iterdir())) == 1
    del reader
    refusal(saved(tmp_path, zipped({"a.csv": b"\x89PNG\r\n\x1a\n\0"})))
    assert list(scratch.iterdir()) == []


def tarball(*entries: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=form) as archive:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.size, entry.linkname = kind, len(content), "/etc/passwd"
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


class TestTarballs:
    @pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    def test_each_file_inside_is_a_catalog(self, tmp_path: Path, form: int) -> None:
        long = f"{'folder/' * 16}やかん.xml" if form != tarfile.USTAR_FORMAT else f"{'folder/' * 16}b.xml"
        content = tarball(("a.csv", as_csv()), (long, as_xml()), ("._a.csv", b"x"), ("b.jpg", b"\xff\xd8"), form=form)
        path = saved(tmp_path, content, "goods.tgz")
        assert catalogs_in(path) == ("a.csv", long)
        assert skus(path, "a.csv")[0] == "000417"
        assert open_catalog(path, long).shape().format == "xml"

    def test_a_workbook_inside(self, tmp_path: Path) -> None:
        path = saved(tmp_path, tarball(("export/a.xlsx", as_xlsx())), "goods.tar.gz")
        assert open_catalog(path).shape().member == "export/a.xlsx"

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
    def test_links_are_refused(self, tmp_path: Path, kind: bytes) -> None:
        assert "leads out" in refusal(saved(tmp_path, tarball(("a.csv", b""), kind=kind)))

    def test_devices_are_no_catalogs(self, tmp_path: Path) -> None:
        assert "no catalog" in refusal(saved(tmp_path, tarball(("a.csv", b""), kind=tarfile.CHRTYPE)))

    @pytest.mark.parametrize(
        ("where", "written"),
        [(124, b"-0000000007\0"), (124, b"\x80" + b"\0" * 6 + b"\x7f\xff\xff\xff\xff"), (148, b"0000001\0")],
    )
    def test_a_damaged_header_is_named(self, tmp_path: Path, where: int, written: bytes) -> None:
        block = bytearray(gzip.decompress(tarball(("a.csv", as_csv()))))
        block[where : where + len(written)] = written
        if where != 148:
            block[148:156] = b" " * 8
            block[148:156] = f"{sum(block[:512]):06o}\0 ".encode()
        assert "archive is damaged" in refusal(saved(tmp_path, gzip.compress(block)))

    def test_a_sparse_file_is_no_catalog(self, tmp_path: Path) -> None:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
            entry = tarfile.TarInfo("a.csv")
            entry.size = len(as_csv())
            entry.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
            archive.addfile(entry, io.BytesIO(as_csv()))
        assert "no catalog" in refusal(saved(tmp_path, out.getvalue()))


def test_a_part_without_a_name_is_no_catalog(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.csv", "sku,title\n1,Hammer\n")
        archive.writestr("#", "x")
    assert catalogs_in(saved(tmp_path, content.getvalue().replace(b"#", b"\0"))) == ("a.csv",)
