"""L-02: nobody on the staff handles money of a customer; no field, form, button, message, wording or rule says otherwise.

What may stand there: the word in a prohibition (ours say why), premiums as facts of a contract, fees to be checked.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps

import tuogu
from tuogu.notices.wording import FORBIDDEN, shipped
from tuogu.notices.words import CHANNELS

SRC = Path(tuogu.__file__).parent
# Names of fields and of inputs that would hold money taken from a customer.
FIELD = re.compile(
    r"cash|collected|received_fen|paid_in|handed_in|receipt_amount|payment_taken|money_taken|card_number|bank_account"
)
INPUT = re.compile(r'name="([^"]+)"')
# Chinese words of an act with a customer's money.
ACT = re.compile(
    r"代收(?:保费|款|费|代付)|代付|代缴|代领|收取保费|收取现金|现金|上门收费|收款|收讫|转账给|收费金额"
)
PROHIBITS = re.compile(r"不得|不会|禁止|不经手|不代|不收|L-02|不能|没有")
SAID = {  # file below src/tuogu → why the word stands there
    "notices/wording.py": "the list of words that a wording must not hold",
}


@pytest.mark.req("L-02")
def test_no_model_has_a_field_for_money_taken() -> None:
    found = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if FIELD.search(field.name)
    ]
    assert not found


@pytest.mark.req("L-02")
def test_no_input_of_a_page_takes_money() -> None:
    found = [
        f"{path.name}: {name}"
        for path in sorted((SRC / "web/templates").rglob("*.html"))
        for name in INPUT.findall(path.read_text("utf-8"))
        if FIELD.search(name) or re.search(r"amount|money|fee$|_fen$|yuan", name)
    ]
    assert not found


def sentences() -> list[tuple[str, str]]:
    """Every line of our pages, messages, wordings and code, with its file."""
    kinds = ("*.html", "*.py", "*.toml", "*.po", "*.md")
    return [
        (str(path.relative_to(SRC)), line)
        for kind in kinds
        for path in sorted(SRC.rglob(kind))
        if "migrations" not in path.parts
        for line in path.read_text("utf-8").splitlines()
        if ACT.search(line)
    ]


@pytest.mark.req("L-02")
def test_no_page_message_script_or_rule_speaks_of_taking_money() -> None:
    found = [
        f"{file}: {line.strip()[:100]}"
        for file, line in sentences()
        if file not in SAID and not PROHIBITS.search(line)
    ]
    assert not found


@pytest.mark.req("L-02")
def test_the_hunt_sees_what_it_should() -> None:
    assert ACT.search("请客户经理上门收费")
    assert not PROHIBITS.search("请客户经理上门收费")
    assert FIELD.search("collected_fen")
    assert not FIELD.search("premium_fen")


@pytest.mark.req("L-02")
@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_the_shipped_wordings_hold_none_of_the_words(channel: str) -> None:
    wording = shipped(channel)
    assert not [word for word in FORBIDDEN if word in wording.body + wording.title]
