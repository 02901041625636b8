"""Function words of the fifteen languages: they carry no product, so neither a gloss nor a ranking counts them."""

from functools import lru_cache

from translation.words import words

STOP_WORDS: dict[str, frozenset[str]] = {
    lang: frozenset(words.split())
    for lang, words in {
        "ar": (
            "أن أو إلى إن التي الذي ب بدون به بها بين تم ذلك على عن عند في قد ك كل ل لا له لها ما مع من منه "
            "منها هذا هذه هو هي و"
        ),
        "de": (
            "als am an auch auf aus bei bis das dem den der des die durch ein eine einem einen einer eines "
            "es für im in inkl ist je mit nach nicht nur oder ohne sich sind sowie und unter vom von werden "
            "wie wird zu zum zur über"
        ),
        "en": (
            "a all an and are as at be by can for from has have in into is it its no not of on or our per "
            "than that the these this those to up we will with you your"
        ),
        "es": (
            "a al como con de del desde e el en entre es esta estas este estos hasta la las lo los muy más "
            "no o para por que se sin son su sus u un una unas unos y"
        ),
        "fr": (
            "au aux avec ce ces cet cette d dans de des du en entre est et l la le les ne ou par pas plus "
            "pour que qui s sa sans se ses son sont sous sur très un une vos votre vous à"
        ),
        "id": (
            "adalah akan anda atau bisa dalam dan dapat dari dengan di ini itu juga ke oleh pada per sebagai "
            "secara serta tanpa tidak untuk yang"
        ),
        "it": (
            "a al alla anche che come con da dal dalla degli dei del della delle dello di e ed fra gli i il "
            "in la le lo nel nella non o per più senza si sono su sul sulla tra un una uno è"
        ),
        "ja": (
            "ある いる および から が この "
            "した して する その た て で です と など に の は へ ます または まで も や より を 用"
        ),
        "ko": ("가 과 는 더 도 등 또는 로 를 만 및 수 에 에서 와 으로 은 을 의 이 입니다 있는 있습니다 한 할 합니다"),
        "nl": (
            "aan als bij dat de deze die dit door een en er het in is met naar niet of om onder ook op over "
            "per te tot uit van voor worden wordt zijn zonder"
        ),
        "pl": (
            "a bez dla do i jak jest która które który lub na nad nie o od oraz po pod przez przy się są ta "
            "te ten to w we z za ze"
        ),
        "pt": (
            "a ao aos as até com como da das de do dos e em entre mais na nas no nos não o os ou para pela "
            "pelo por que se sem seu sua são um uma umas uns à às é"
        ),
        "ru": (
            "а без в во для до же за и из или к как ко которая которые который ли на над не но о об от по "
            "под при с со у через эта эти это этот"
        ),
        "tr": ("bir bu da daha de değil en gibi göre her ile ise için kadar ki mi mı o olan olarak ve veya çok şu"),
        "zh": ("与 中 为 之 也 了 于 以及 及 及其 可 和 在 对 并 或 是 有 用 的 等"),
    }.items()
}
"""Folded words by language."""


@lru_cache(maxsize=50_000)
def content_words(lang: str, text: str) -> tuple[str, ...]:
    """Return the folded words of a text that name something: no function words, no bare numbers, each once."""
    found = (word.folded for word in words(lang, text))
    return tuple(dict.fromkeys(word for word in found if word not in STOP_WORDS[lang] and not word.isdecimal()))
