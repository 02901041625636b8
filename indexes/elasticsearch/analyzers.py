"""Which analyzers the languages need, and what a cluster lacks of them.

There is no silent fallback: where an analyzer is missing nothing is indexed, unless the operator names another in its
place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import BadRequestError

from catalog.errors import BackendRefusesError
from catalog.languages import CODES, language
from indexes.elasticsearch.client import Connection, reason

PLUGINS = {
    "kuromoji": "analysis-kuromoji",
    "nori": "analysis-nori",
    "smartcn": "analysis-smartcn",
    "polish": "analysis-stempel",
}
"""Plugins of Elasticsearch that bring an analyzer; all others come with its module ``analysis-common``."""

IN_PAIRS = ("ja", "ko", "zh")
"""Languages whose texts are kept as pairs of characters besides, for what their dictionaries cut differently."""

_PROBE = "Probe 1"
_HUNSPELL = "hunspell"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a cluster has of one thing that the languages need.

    Attributes:
        lang: language that needs it; empty where all do.
        analyzer: its name on the cluster.
        substitute: whether the operator put it in the place of the language's own.
        problem: why it can't be used, empty where it can.
        install: what to do, empty where nothing is to do.
    """

    lang: str
    analyzer: str
    substitute: bool
    problem: str = ""
    install: str = ""


class Analyzers:
    """The analyzers of an installation.

    Args:
        substitutes: by language what stands in for its own analyzer: the name of one that the cluster has (``cjk``,
            ``standard``), ``hunspell`` or ``hunspell:LOCALE``.

    Raises:
        UsageError: a substitute for an unknown language.
    """

    def __init__(self, substitutes: Mapping[str, str] | None = None) -> None:
        self.substitutes = dict(substitutes or {})
        for lang in self.substitutes:
            language(lang)

    def settings(self, lang: str) -> dict[str, Any]:
        """Return the ``analysis`` settings of a language's index: ``text``, ``written`` and ``pairs``."""
        filters: dict[str, Any] = {"folding": {"type": "asciifolding"}}
        analyzers: dict[str, Any] = {
            "written": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "folding"]}
        }
        locale = self._locale(lang)
        if locale is not None:
            filters["words"] = {"type": "hunspell", "locale": locale}
            analyzers["text"] = {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "words"]}
        else:
            analyzers["text"] = {"type": self._name(lang)}
        if lang in IN_PAIRS:
            analyzers["pairs"] = {"type": "cjk"}
        return {"filter": filters, "analyzer": analyzers}

    def _name(self, lang: str) -> str:
        return self.substitutes.get(lang) or language(lang).elasticsearch_analyzer

    def _locale(self, lang: str) -> str | None:
        """Return the locale of a language's hunspell dictionary, ``None`` where it has another analyzer."""
        name, _, locale = self._name(lang).partition(":")
        return (locale or lang) if name == _HUNSPELL else None

    # -- what a cluster has -------------------------------------------------------------------------------------------

    def check(self, connection: Connection, langs: Sequence[str] = CODES) -> list[Finding]:
        """Try everything that ``langs`` need on a cluster, by analysing a text with it."""
        findings = []
        with connection.reporting("analyse"):
            for lang in langs:
                findings.append(self._of_language(connection, lang))
            findings.append(_of_folding(connection))
            if set(langs) & set(IN_PAIRS):
                findings.append(_of_pairs(connection))
        return findings

    def require(self, connection: Connection, langs: Sequence[str]) -> None:
        """Refuse to index where the cluster lacks an analyzer.

        Raises:
            BackendRefusesError: names what is missing and how to install it.
        """
        lacking = [one for one in self.check(connection, langs) if one.problem]
        if lacking:
            named = ", ".join(f"{one.analyzer} ({one.lang or 'all languages'})" for one in lacking)
            todo = "; ".join(dict.fromkeys(one.install for one in lacking))
            raise BackendRefusesError(
                f"Elasticsearch at {connection.place.shown} lacks analyzers: {named}. On every node: {todo}. Or name "
                "another in its place by LEXICART_ANALYSIS_SUBSTITUTES; `lexicart cluster check` tells more"
            )

    def _of_language(self, connection: Connection, lang: str) -> Finding:
        name, locale = self._name(lang), self._locale(lang)
        by_hand = lang in self.substitutes
        if locale is not None:
            words = {"type": "hunspell", "locale": locale}
            problem = _problem(connection, {"tokenizer": "standard", "filter": ["lowercase", words]})
            install = f"put the dictionary into config/hunspell/{locale}/ (one .aff, one .dic) and restart"
        else:
            problem = _problem(connection, {"analyzer": name})
            install = _installation(name, by_hand)
        return Finding(lang, name, by_hand, problem, install if problem else "")


def _installation(analyzer: str, substitute: bool) -> str:
    if analyzer in PLUGINS:
        return f"bin/elasticsearch-plugin install {PLUGINS[analyzer]} and restart"
    if substitute:
        return f"no analyzer {analyzer!r} is there: name another substitute"
    return "use a full distribution of Elasticsearch: this one lacks the module analysis-common"


def _of_folding(connection: Connection) -> Finding:
    problem = _problem(connection, {"tokenizer": "standard", "filter": ["lowercase", {"type": "asciifolding"}]})
    return Finding("", "asciifolding", False, problem, _installation("asciifolding", False) if problem else "")


def _of_pairs(connection: Connection) -> Finding:
    problem = _problem(connection, {"analyzer": "cjk"})
    return Finding("", "cjk", False, problem, _installation("cjk", False) if problem else "")


def _problem(connection: Connection, how: Mapping[str, Any]) -> str:
    try:
        connection.reads.indices.analyze(text=_PROBE, **how)
    except BadRequestError as exc:
        return reason(exc.body)
    return ""
