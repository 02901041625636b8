"""A small termbase for tests: its concepts say the same in every language unless a test gives words of its own."""

from catalog.languages import CODES
from translation.terminology.termbase import Concept, Termbase


def concept(name: str, kind: str = "product", **terms: str) -> Concept:
    """Return a concept; a language that is not given has the term ``name-xx``."""
    spelled = {code: tuple(terms.get(code, f"{name}-{code}").split("|")) for code in CODES}
    return Concept(name, kind, "tests", spelled)


SCREW = concept("screw", en="screw", de="Schraube", pt="parafuso", fr="vis", ja="ねじ", zh="螺丝", es="tornillo")
STEEL = concept(
    "steel",
    "material",
    en="stainless steel",
    de="Edelstahl",
    pt="aço inoxidável",
    fr="inox",
    zh="不锈钢",
    ja="ステンレス",
)
RED = concept(
    "red", "colour", en="red", de="rot", pt="vermelho|vermelha", fr="rouge", ja="赤", zh="红|红色", es="rojo|roja"
)
LAMP = concept("lamp", en="lamp", de="Lampe", pt="candeeiro", fr="lampe", ja="ランプ", zh="灯", es="lámpara")
BATTERY = concept(
    "battery", "part", en="battery", de="Akku", pt="bateria", fr="batterie", ja="電池", zh="电池", es="batería"
)
BOX = concept("box", "packaging", en="box", de="Karton", pt="caixa", fr="boîte", ja="箱", zh="箱", es="caja")

SMALL = (SCREW, STEEL, RED, LAMP, BATTERY, BOX)


def small_termbase(*changed: Concept) -> Termbase:
    """Return the termbase, with concepts of the same id replaced."""
    by_id = {one.id: one for one in (*SMALL, *changed)}
    return Termbase(by_id.values())
