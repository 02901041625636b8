"""Whatever bytes a reader is given, it gives records and refused rows, or refuses the file; nothing else.

About a thousand files in ten seconds; ``benchmarks/fuzz_intake.py`` goes on for hours.
"""

import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile import SEEDS, read_all, spoil

BOUNDED = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@cache
def seed(name: str) -> bytes:
    return SEEDS[name]()


@pytest.mark.parametrize("name", SEEDS)
def test_the_seeds_are_catalogs(tmp_path: Path, name: str) -> None:
    (tmp_path / "upload").write_bytes(seed(name))
    assert "records" in read_all(tmp_path / "upload")
    assert "0 records" not in read_all(tmp_path / "upload")


@pytest.mark.parametrize("name", SEEDS)
@BOUNDED
@given(chance=st.randoms(use_true_random=False), other=st.sampled_from(sorted(SEEDS)))
def test_a_spoilt_catalog(tmp_path: Path, name: str, chance: random.Random, other: str) -> None:
    (tmp_path / "upload").write_bytes(spoil(chance, seed(name), seed(other)))
    read_all(tmp_path / "upload")


@settings(BOUNDED, max_examples=200)
@given(
    head=st.sampled_from(
        [b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<?xml", b"{", b"["]
    ),
    content=st.binary(max_size=400),
)
def test_any_bytes(tmp_path: Path, head: bytes, content: bytes) -> None:
    (tmp_path / "upload").write_bytes(head + content)
    read_all(tmp_path / "upload")


@settings(BOUNDED, max_examples=200)
@given(text=st.text(st.sampled_from('a1é商,;\t"\n\r{}[]:<>/&\\ '), max_size=80))
def test_any_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "upload").write_text(text, "utf-8", newline="")
    read_all(tmp_path / "upload")
