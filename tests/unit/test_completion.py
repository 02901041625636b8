import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.languages import CODES
from indexes.completion import KEY_LENGTH, Completion, choose, keys, prefix_key
from indexes.model import Suggestion

FOUND = (
    ("fr", "Écran plat d'été, 24\"", "ecran"),
    ("fr", "Écran plat d'été, 24\"", "ÉTÉ 2"),
    ("de", "Größenverstellbarer Gurt", "grossen"),
    ("tr", "Işıklı Ayna", "isik"),
    ("ar", "المصباح الكهربائي", "الكهر"),
    ("zh", "无线鼠标 黑色", "鼠标"),
    ("ja", "防水ランニングシューズ", "シュー"),
    ("ko", "무선 드릴", "드"),
    ("ru", "Аккумуляторная дрель", "дре"),
    ("en", "Set of 24 bits", "24 b"),
)


@pytest.mark.parametrize(("lang", "text", "typed"), FOUND)
def test_a_text_is_found_from_its_words(lang: str, text: str, typed: str) -> None:
    assert any(key.startswith(prefix_key(lang, typed)) for key in keys(lang, text))


def test_the_middle_of_a_word_finds_nothing() -> None:
    assert not any(key.startswith(prefix_key("en", "rill")) for key in keys("en", "Cordless drill"))


def test_a_typed_space_ends_the_word() -> None:
    assert prefix_key("en", " Drill  ") == "drill "
    assert keys("en", "drill bit")[0].startswith("drill ")


def test_nothing_typed_has_no_key() -> None:
    assert [prefix_key("en", typed) for typed in ("", "  ", "?!", "-")] == [""] * 4
    assert keys("en", "!?") == ()


@given(st.sampled_from(CODES), st.text(st.characters(), max_size=80), st.integers(1, 20))
def test_what_begins_like_a_text_finds_it(lang: str, text: str, typed: int) -> None:
    found = keys(lang, text)
    assert all(0 < len(key) <= KEY_LENGTH for key in found)
    if found:
        assert found[0].startswith(found[0][:typed].rstrip())


def group(text: str, products: int, kind: str = "category", *, from_start: bool = True) -> Completion:
    return Completion(kind, text, products, from_start)  # type: ignore[arg-type]


def title(text: str, *, from_start: bool = True) -> Completion:
    return Completion("product", text, 1, from_start)


def shown(found: list[Completion], limit: int) -> list[str]:
    return [one.text for one in choose(found, limit)]


def test_groups_come_first_in_half_of_the_places() -> None:
    found = [*(group(f"g{at}", 9 - at) for at in range(6)), *(title(f"t{at}") for at in range(6))]
    assert shown(found, 5) == ["g0", "g1", "g2", "t0", "t1"]
    assert shown(found, 1) == ["g0"]


def test_free_places_are_taken_by_the_other_kind() -> None:
    groups, titles = [group(f"g{at}", 1) for at in range(6)], [title(f"t{at}") for at in range(6)]
    assert shown([*groups, titles[0]], 5) == ["g0", "g1", "g2", "g3", "t0"]
    assert shown([groups[0], *titles], 5) == ["g0", "t0", "t1", "t2", "t3"]
    assert shown(groups, 4) == ["g0", "g1", "g2", "g3"]


def test_the_more_products_and_the_nearer_the_beginning_the_better() -> None:
    assert shown([group("few", 1), group("many", 5), group("word", 5, from_start=False)], 9) == ["many", "word", "few"]
    assert shown([title("b", from_start=False), title("c"), title("a", from_start=False)], 9) == ["c", "a", "b"]


def test_what_reads_the_same_is_shown_once() -> None:
    found = [group("Bosch", 2, "brand"), title("bosch"), title("Drill"), title("Drill", from_start=False)]
    assert choose(found, 9) == [Suggestion("Bosch", "brand"), Suggestion("Drill", "product")]
