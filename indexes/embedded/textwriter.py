"""Writes the index of one language: a folder of tantivy's, never changed once a commit of the build names it.

A change is made in a copy: tantivy's files are never rewritten, so the copy is a folder of hard links and costs the
same however large the index is. Readers of the old folder go on undisturbed.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import tantivy

from catalog.errors import UnavailableError
from indexes.analysis import analyze
from indexes.completion import keys
from indexes.embedded import schema
from indexes.embedded.damage import broken
from indexes.embedded.files import Files, checksum, sync
from indexes.model import IndexDocument

_WRITER_MEMORY = 15_000_000
"""Bytes a writer gathers before it makes a segment; fifteen are open at a time. tantivy wants at least 15 MB."""


class TextWriter:
    """Writes one language's index into a fresh folder, starting from another one's content.

    Args:
        folder: does not exist yet.
        base: the folder whose content to start from; ``None`` for an empty index.
        files: size and CRC-32 of the base's files.
    """

    def __init__(self, folder: Path, base: Path | None, files: Files) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        # A linked file keeps the sum of its first writing: damage since then must not be taken for its content.
        self._linked = {name: files[name] for name in files if not name.endswith(".json")}
        if base is not None:
            _copy(base, folder, files)
        try:
            index = tantivy.Index(schema.schema(), str(folder))
            # Without this, every index would start a thread that watches its folder.
            index.config_reader("manual", 0)
            self._writer = index.writer(_WRITER_MEMORY, 1)
        except ValueError as exc:
            raise broken(folder.parent, exc) from exc
        self._finished = False

    def put(self, number: int, document: IndexDocument, currencies: Mapping[str, int], *, replaces: bool) -> None:
        """Add a document, in place of the one under the same number where there may be one."""
        stored = _stored(number, document, currencies)
        with self._writes():
            if replaces:
                self._remove([number])
            self._writer.add_document(stored)

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove the documents of product numbers."""
        with self._writes():
            self._remove(numbers)

    def _remove(self, numbers: Sequence[int]) -> None:
        # By query: `delete_documents_by_term` takes a Python int for a signed one and deletes nothing.
        self._writer.delete_documents_by_query(schema.numbered(numbers))

    @contextmanager
    def _writes(self) -> Iterator[None]:
        """Say of what the engine can't write that it is no damage: it is a full disk, or a writer that gave up."""
        try:
            yield
        except ValueError as exc:
            raise UnavailableError(f"{self.folder} can't be written: {exc}") from exc

    def finish(self) -> Files:
        """Make durable what was written and return size and CRC-32 of every file; the writer is of no use after."""
        with self._writes():
            self._writer.commit()
            self._writer.wait_merging_threads()
        self._finished = True
        for path in self.folder.glob(".tantivy-*.lock"):
            path.unlink()
        for path in self.folder.glob("*.json"):
            sync(path)
        sync(self.folder)
        return {
            path.name: self._linked.get(path.name) or (path.stat().st_size, checksum(path))
            for path in sorted(self.folder.iterdir())
        }

    def abandon(self) -> None:
        """Forget what was written and remove the folder."""
        if not self._finished:
            self._writer.rollback()
            self._writer.wait_merging_threads()
        shutil.rmtree(self.folder)


def _copy(base: Path, folder: Path, files: Files) -> None:
    for name in files:
        if not (base / name).is_file():
            raise broken(base.parent, f"{base.name}/{name} is missing")
        if not name.endswith(".json"):
            os.link(base / name, folder / name)
            continue
        shutil.copy2(base / name, folder / name)  # tantivy's lists of files: the only ones that it writes anew
        if checksum(folder / name) != files[name][1]:
            raise broken(base.parent, f"{base.name}/{name} is not what was written")


def _stored(number: int, document: IndexDocument, currencies: Mapping[str, int]) -> tantivy.Document:
    made = tantivy.Document()
    made.add_unsigned(schema.NUMBER, number)
    for name, texts in document.analysed.items():
        tokens = [token for text in texts for token in analyze(document.lang, text)]
        made.add_text(name, " ".join(tokens))
    schema.add_facts(made, document.facts, currencies)
    _add_suggestions(made, number, document)
    made.add_bytes(schema.SHOWN, _shown(document))
    return made


def _shown(document: IndexDocument) -> bytes:
    shown = [
        *(document.title, document.title_lang, document.title_state, document.category_path, document.brand),
        dict(document.attributes),
    ]
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def _add_suggestions(made: tantivy.Document, number: int, document: IndexDocument) -> None:
    lang = document.lang
    if document.title_lang == lang:
        for at, key in enumerate(keys(lang, document.title)):
            start = schema.FROM_START if at == 0 else schema.FROM_WORD
            made.add_text(schema.SUGGESTED_TITLES, f"{start}{key}{schema.SEPARATOR}{number}")
    groups = [("b", document.brand)] if document.brand else []
    if document.analysed.get("category"):
        groups += [("c", name) for name in document.category_path]
    for kind, text in dict.fromkeys(groups):
        for at, key in enumerate(keys(lang, text)):
            start = schema.FROM_START if at == 0 else schema.FROM_WORD
            made.add_text(schema.SUGGESTED_GROUPS, f"{start}{key}{schema.SEPARATOR}{kind}{text}")
