"""Page codes: every wrong sign is noticed, what is read two ways is understood, the digest is part of the code (N-18)."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tuogu.core.page_code import ALPHABET, PageCode, PageCodeError, key_of, read_code, seal_of

DIGEST = sha256(b"page").hexdigest()
CODE = PageCode(key_of(bytes.fromhex("0123456789")), seal_of(DIGEST))

# 怎样写 → 读作
WAYS = ("{}", " {} ", "{lower}", "{bare}", "{spaced}")


@pytest.mark.req("N-18")
@pytest.mark.parametrize("way", WAYS)
def test_a_code_is_read_however_it_is_typed(way: str) -> None:
    whole = str(CODE)
    typed = way.format(
        whole, lower=whole.lower(), bare=whole.replace("-", ""), spaced=whole.replace("-", " ")
    )
    assert read_code(typed) == CODE


@pytest.mark.req("N-18")
def test_letters_that_are_no_signs_are_read_as_what_they_look_like() -> None:
    odd = PageCode("10V10V10", "VV11")
    assert read_code(str(odd).replace("1", "I").replace("0", "o").replace("V", "u")) == odd


@pytest.mark.req("N-18")
def test_every_single_wrong_sign_is_refused() -> None:
    signs = str(CODE).replace("-", "")
    for place, right in enumerate(signs):
        for wrong in set(ALPHABET) - {right}:
            with pytest.raises(PageCodeError):
                read_code(signs[:place] + wrong + signs[place + 1 :])


@pytest.mark.req("N-18")
def test_neighbours_exchanged_are_refused_but_for_one_pair_of_signs() -> None:
    missed = {
        a + b
        for a in ALPHABET
        for b in ALPHABET
        if a < b and _accepted_exchanged(PageCode(f"{a}{b}000000", "0000"))
    }
    assert missed == {"0Z"}, "as with every Luhn sum, only the first and the last sign"


def _accepted_exchanged(code: PageCode) -> bool:
    signs = str(code).replace("-", "")
    try:
        read_code(signs[1] + signs[0] + signs[2:])
    except PageCodeError:
        return False
    return True


@pytest.mark.parametrize("typed", ["", "123", "7F3Q-9M2K-8XYC-D-D", "7F3Q 9M2K 8XYC 中"])
def test_what_has_not_the_form_of_a_code_is_refused(typed: str) -> None:
    with pytest.raises(PageCodeError, match="页码应为 13 位"):
        read_code(typed)


def test_another_content_has_another_seal() -> None:
    assert seal_of(DIGEST) != seal_of(sha256(b"page 2").hexdigest())
    assert seal_of("f" * 64) == "ZZZZ"
    assert seal_of("0" * 64) == "0000"
