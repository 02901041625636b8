"""Settings: the only reader of the environment.

Every setting is a variable ``LEXICART_…`` of the environment or of a file ``.env`` in the working directory (the
environment wins).
"""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, NoDecode, SettingsConfigDict

from api.urls import check_database, check_database_url, without_password
from catalog.errors import LexicartError, UnavailableError, UnknownValueError, UsageError
from catalog.languages import CODES
from translation.licences import Use

PREFIX = "LEXICART_"

INDEXES = ("embedded", "elasticsearch")
"""Search backends of this version."""

ENCODERS = ("usem3",)
"""Sentence encoders of this version."""

_TEST_PREFIX = "LEXICART_TEST_"


class Settings(BaseSettings):
    """All settings, each with its default and what it does; ``lexicart settings`` prints them."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    home: Path = Field(
        Path("~/.lexicart"), description="Folder of the store, the uploads and the embedded indexes. Made when missing."
    )
    database_url: str = Field(
        "",
        description="Where products, texts and translations are kept: empty for SQLite in HOME, sqlite:///FILE, or "
        "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE for many machines.",
    )
    index: str = Field(
        "embedded", description="Search backend: embedded (one machine, no server) or elasticsearch (a cluster)."
    )
    elasticsearch_url: Annotated[tuple[str, ...], NoDecode] = Field(
        ("http://localhost:9200",),
        description="Addresses of the nodes of the Elasticsearch cluster, separated by commas; with several, one may "
        "fail.",
    )
    elasticsearch_api_key: SecretStr = Field(
        SecretStr(""), description="API key for the cluster, encoded as Elasticsearch gives it out; empty for none."
    )
    elasticsearch_certificates: Path | None = Field(
        None, description="File of the certificates that the cluster's descend from. Default: those of the system."
    )
    elasticsearch_prefix: str = Field(
        "lexicart",
        description="What the names of our indexes on the cluster begin with; installations with different prefixes "
        "never touch each other.",
    )
    elasticsearch_shards: int = Field(
        1, ge=1, le=1_024, description="Shards of each index; a change takes a full build. One is right up to 50 GB."
    )
    elasticsearch_replicas: int = Field(
        1,
        ge=0,
        le=10,
        description="Copies of each index beside the first, as far as there are nodes for them: so many nodes may die. "
        "A change takes a full build.",
    )
    elasticsearch_timeout: float = Field(
        5.0,
        gt=0,
        le=300,
        description="Seconds that a search waits for a node before it asks the next one, and half of those that it "
        "waits for a cluster that has too much to do.",
    )
    elasticsearch_snapshots: str = Field(
        "",
        description="Name of a snapshot repository that is registered on the cluster, for `lexicart backup --indexes`; "
        "empty for none.",
    )
    analysis_substitutes: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Analyzers in the place of those that the cluster lacks, separated by commas: zh=cjk, pl=standard, "
        "pl=hunspell:pl_PL. Without it, indexing is refused until they are installed.",
    )
    engines: Annotated[tuple[str, ...], NoDecode] = Field(
        ("students",),
        description="Translation engines in order of preference, separated by commas: students, fxtranslate (the same "
        "models, a text at a time), ctranslate2, transformers, libretranslate, echo (for trying out).",
    )
    routes: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="What holds for single pairs instead of the order of ENGINES, separated by commas: "
        "en-de=ctranslate2, de-*=students, ja-zh=pivot (over English also where an engine serves it directly), "
        "ko-ja=none (no engine). A pair by name goes before a star, of two stars the last written. `translate "
        "--engine` sets them aside.",
    )
    licences: Use = Field(
        Use.BUSINESS,
        description="Which models may translate: business (none whose licence forbids business use, such as NLLB's "
        "CC-BY-NC-4.0; a model whose licence nobody knows is used and named in `lexicart status`) or any.",
    )
    models_dir: Path | None = Field(
        None, description="Folder of further student models, one folder a pair (en-de). Default: HOME/models."
    )
    models_url: str = Field(
        "https://firefox.settings.services.mozilla.com/v1",
        description="Where `lexicart models fetch` gets models: a Remote Settings server, one of its collections, a "
        "models.json, or a folder.",
    )
    students_precision: Literal["int8", "careful", "float32"] = Field(
        "int8",
        description="Arithmetic of the students: int8 as they were made for, careful (decoder in float32, 0.5 times "
        "the speed), float32 (0.4 times). A change translates everything again.",
    )
    students_memory: int = Field(
        2_000, ge=1, description="Megabytes for loaded student models, about 70 a pair; the longest unused one goes."
    )
    workers: int | None = Field(
        None, ge=1, le=1_024, description="Batches that are at translation engines side by side; empty: one a core."
    )
    students_threads: int = Field(
        0, ge=0, le=1_024, description="Threads on which students translate; 0 for one on each core."
    )
    ctranslate2_models: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Folders of models for the engine ctranslate2, separated by commas: OPUS-MT, M2M100, NLLB or "
        "MADLAD, converted by ct2-transformers-converter --copy_files. The first that speaks a pair translates it.",
    )
    transformers_models: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Checkpoints for the engine transformers, separated by commas: folders or names on a hub, such as "
        "Helsinki-NLP/opus-mt-en-de or facebook/m2m100_418M.",
    )
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|cuda(:\d+)?)$",
        description="Where ctranslate2 and transformers compute: auto (a graphics card where there is one), cpu, cuda "
        "or cuda:1 (one card a worker).",
    )
    precision: Literal["auto", "float32", "float16", "bfloat16", "int8"] = Field(
        "auto",
        description="Arithmetic of ctranslate2 and transformers: auto is int8 for ctranslate2, and for transformers "
        "float32 on a processor, bfloat16 or float16 on a card. int8 is ctranslate2's alone.",
    )
    batch_tokens: int = Field(
        0, ge=0, description="Pieces of a batch of ctranslate2 and transformers; 0 for what suits the device."
    )
    libretranslate_url: str = Field(
        "", description="Address of the server of the engine libretranslate, such as http://localhost:5000."
    )
    libretranslate_api_key: SecretStr = Field(SecretStr(""), description="Its API key, for servers that want one.")
    libretranslate_budget: int = Field(
        0,
        ge=0,
        description="Characters that all workers together may send to it in a calendar month (UTC); what would pass "
        "them is not sent. 0: no limit.",
    )
    libretranslate_licence: str = Field(
        "unknown", description="Licence of that server's models, as its operator says, such as CC-BY-4.0."
    )
    langs: Annotated[tuple[str, ...], NoDecode] = Field(
        CODES, description="Languages to translate into and to index, separated by commas: a subset of the fifteen."
    )
    encoder: str = Field("usem3", description="Sentence encoder for search by meaning: usem3.")
    keep_builds: int = Field(2, ge=0, le=50, description="Former index builds kept for rollback.")
    drop_dir: Path | None = Field(
        None, description="Folder from which `lexicart nightly` imports: DROP_DIR/SUPPLIER/FILE. Default: HOME/drop."
    )
    drop_settled_seconds: int = Field(
        10,
        ge=0,
        le=3_600,
        description="Seconds for which a file of the drop folder must not have changed before it is imported, so that "
        "none is taken half. `lexicart nightly` waits once for what is younger; what changes even then stays for the "
        "next night.",
    )
    drop_temporary: Annotated[tuple[str, ...], NoDecode] = Field(
        (".part", ".partial", ".filepart", ".crdownload", ".tmp"),
        description="Endings, separated by commas, of the names that files have while they are being written; they are "
        "left in the drop folder.",
    )
    full_build_days: int = Field(
        7,
        ge=0,
        le=3_650,
        description="`lexicart nightly` makes a full build when the live one is so many days old; 0: never for its "
        "age.",
    )
    nightly_wait_minutes: int = Field(
        10,
        ge=0,
        le=1_440,
        description="Minutes for which `lexicart nightly` waits for a store, and again for an index, that can't be "
        "reached, before it goes on without and ends with status 4.",
    )
    keep_reports: int = Field(90, ge=1, le=10_000, description="Nightly reports kept in HOME/reports.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "WARNING", description="Least level of messages on standard error."
    )
    log_format: Literal["text", "json"] = Field(
        "text",
        description="How messages stand on standard error: text, or json for one JSON document a line (time, level, "
        "logger, message, exception, further fields). With LOG_LEVEL=INFO `lexicart serve` writes a line for each "
        "request.",
    )

    @field_validator(
        *("engines", "routes", "langs", "ctranslate2_models", "transformers_models"),
        *("elasticsearch_url", "analysis_substitutes", "drop_temporary"),
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("langs")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for code in value:
            if code not in CODES:
                raise ValueError(f"no language {code!r}: it is one of {', '.join(CODES)}")
        return tuple(code for code in CODES if code in value) or CODES

    @field_validator("routes")
    @classmethod
    def _rules(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from translation.overrides import Rules

        try:
            return tuple(map(str, Rules.parse(value).rules))
        except LexicartError as exc:
            raise ValueError(str(exc)) from exc

    @field_validator("elasticsearch_api_key")
    @classmethod
    def _api_key(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[!-~]*", value.get_secret_value()):
            raise ValueError("that is no API key: it is `encoded` of what Elasticsearch gave out, without spaces")
        return value

    @field_validator("elasticsearch_url")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if not re.fullmatch(r"https?://([^/@\s]*@)?[^/@\s]+(/\S*)?", one):
                raise ValueError(f"{without_password(one)!r} is no address: give http://HOST:9200 or https://...")
        return value or ("http://localhost:9200",)

    @field_validator("analysis_substitutes")
    @classmethod
    def _substitutes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from indexes.elasticsearch.substitutes import read_substitutes

        try:
            read_substitutes(value)
        except LexicartError as exc:
            raise ValueError(str(exc)) from exc
        return value

    @field_validator("home", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        # An empty path is the working directory, which nobody means by it.
        if isinstance(value, str) and not value.strip():
            raise ValueError("it is empty: give a folder, or unset it for ~/.lexicart")
        return value

    @field_validator("models_dir", "drop_dir", "elasticsearch_certificates", mode="before")
    @classmethod
    def _empty_is_default(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("database_url")
    @classmethod
    def _kept(cls, value: str) -> str:
        if value:
            check_database_url(value)
        return value

    @property
    def home_folder(self) -> Path:
        """HOME as an absolute path."""
        return self.home.expanduser().absolute()

    @property
    def store_url(self) -> str:
        """The database that is used."""
        return self.database_url or f"sqlite:///{self.home_folder / 'lexicart.db'}"

    @property
    def models_folder(self) -> Path:
        """The folder of further student models."""
        return (self.models_dir or self.home_folder / "models").expanduser().absolute()

    @property
    def drop_folder(self) -> Path:
        """The folder from which the nightly run imports."""
        return (self.drop_dir or self.home_folder / "drop").expanduser().absolute()


def load(**given: Any) -> Settings:
    """Read the settings.

    Args:
        given: values that win over the environment.

    Raises:
        UsageError: a setting has a value that it can't have; names the setting.
        UnavailableError: a setting asks by name for something that this version does not have.
    """
    try:
        settings = Settings(**given)
    except ValidationError as exc:
        said = "; ".join(
            f"{PREFIX}{'_'.join(str(part) for part in error['loc'][:1]).upper()}: {_plain(error['msg'])}"
            for error in exc.errors()
        )
        raise UsageError(f"wrong setting: {said}. See `lexicart settings`.") from exc
    except UnicodeDecodeError as exc:
        raise UsageError(f".env: this is not UTF-8 (byte {exc.start}): save it as UTF-8") from exc
    _refuse_absent(settings)
    return settings


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Input should be", "it should be")


def _refuse_absent(settings: Settings) -> None:
    for name, value, known in (("index", settings.index, INDEXES), ("encoder", settings.encoder, ENCODERS)):
        if value not in known:
            raise UnavailableError(f"{PREFIX}{name.upper()}: {UnknownValueError(name, value, known)}")
    if settings.database_url:
        try:
            check_database(settings.database_url)
        except UsageError as exc:
            raise UsageError(f"{PREFIX}DATABASE_URL: {exc}") from exc


def describe(settings: Settings) -> list[dict[str, str]]:
    """Return every setting with its value, where the value comes from and what it does.

    The source is ``environment``, ``.env``, ``default``, or ``given`` for a value that the caller of :func:`load` gave.
    """
    environment, file = _environment(), _env_file()
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        shown = ",".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
        if name in ("database_url", "elasticsearch_url"):
            shown = without_password(shown)
        variable = f"{PREFIX}{name.upper()}"
        rows.append(
            {
                "name": variable,
                "value": shown,
                "source": _source(variable, name in settings.model_fields_set, environment, file),
                "description": field.description or "",
            }
        )
    return rows


def _source(variable: str, is_set: bool, environment: Mapping[str, str | None], file: Mapping[str, str | None]) -> str:
    if not is_set:
        return "default"
    if variable in environment:
        return "environment"
    return ".env" if variable in file else "given"


def unknown_names() -> list[str]:
    """Return a sentence for every ``LEXICART_`` name of the environment or ``.env`` that is no setting."""
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    said = []
    for place, names in (("environment", _environment()), (".env", _env_file())):
        for name in sorted(names):
            if name.startswith(PREFIX) and not name.startswith(_TEST_PREFIX) and name not in known:
                [closest] = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
                said.append(f"{name} ({place}) is no setting and does nothing; the closest name is {closest}")
    return said


def _environment() -> dict[str, str | None]:
    return {name.upper(): value for name, value in EnvSettingsSource(Settings).env_vars.items()}


def _env_file() -> dict[str, str | None]:
    return {name.upper(): value for name, value in DotEnvSettingsSource(Settings).env_vars.items()}
