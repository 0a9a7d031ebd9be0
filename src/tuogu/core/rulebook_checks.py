"""Is a rulebook sound? Every parameter against its form, and parameters against each other.

In: a rulebook, or an overlay's keys. Out: problems, all at once, each with its key, what is wrong and what is allowed.
Never: the first problem only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from typing import Any

from tuogu.core.rulebook import Parameter, Problem, Rulebook
from tuogu.core.rulebook_forms import FormError, problems, read_form
from tuogu.core.rulebook_words import allowed
from tuogu.core.timeline.obligations import obligation_problems

_LIKE = 0.5  # how alike a mistyped key must be to be offered (difflib's ratio): a convenience, no rule

# One parameter is never above the other: a book where it is could not be followed.
NOT_ABOVE: tuple[tuple[str, str], ...] = (
    ("territory.month_load_min", "territory.month_load_max"),
    ("renewal.list_late_below_days", "renewal.list_from_days"),
    ("renewal.sms_before_days", "renewal.list_from_days"),
    ("renewal.own_contact_due_before_days", "renewal.own_contact_before_days"),
    ("renewal.call_all_before_days", "renewal.own_contact_due_before_days"),
    ("renewal.urge_before_days", "renewal.call_all_before_days"),
    ("renewal.second_round_before_days", "renewal.urge_before_days"),
    ("review.difference_bp", "review.gross_difference_bp"),
)


def check_rulebook(rulebook: Rulebook) -> list[Problem]:
    """Every problem of the book, by key; empty when it is sound."""
    found = [problem for parameter in rulebook.parameters.values() for problem in check_parameter(parameter)]
    if not found:  # numbers of a wrong type cannot be compared
        found = [*_out_of_order(rulebook), *obligation_problems(rulebook)]
    return sorted(found, key=lambda problem: problem.key)


def check_against(rulebook: Rulebook, standard: Rulebook) -> list[Problem]:
    """Problems of a whole book of one's own: also keys that the standard one lacks or has more, and a change without a
    new version and a later day (S1-02). Forms are those of the standard book.
    """
    known = standard.parameters
    found = [unknown_key(key, known) for key in rulebook.parameters if key not in known]
    found += [
        Problem(key, f"缺少参数（{known[key].title}）") for key in known if key not in rulebook.parameters
    ]
    formed = {
        key: replace(parameter, form=known[key].form)
        for key, parameter in rulebook.parameters.items()
        if key in known
    }
    found += [p for key, parameter in formed.items() for p in other_names(known[key], parameter.value)]
    found += check_rulebook(replace(rulebook, parameters=formed))
    changed = any(known[key].value != parameter.value for key, parameter in formed.items())
    return found + (list(not_newer(rulebook.version, rulebook.effective_date, standard)) if changed else [])


def not_newer(version: str, effective_date: date, base: Rulebook) -> Iterator[Problem]:
    """What is wrong with the head of a book that changes `base`."""
    if version == base.version:
        yield Problem("rulebook.version", f"{version} 是底本的版本号；改动须用新的版本号")
    if effective_date <= base.effective_date:
        wrong = f"{effective_date} 不晚于底本的生效日 {base.effective_date}；改动须有新的生效日"
        yield Problem("rulebook.effective_date", wrong)


def check_parameter(parameter: Parameter) -> Iterator[Problem]:
    """Problems of one parameter under its form; one without a form is free."""
    if not parameter.form:
        return
    try:
        form = read_form(parameter.form)
    except FormError as broken:
        yield Problem(parameter.key, str(broken))
        return
    for wrong in problems(form, parameter.value):
        yield Problem(parameter.key, wrong, allowed(parameter.form))


def other_names(old: Parameter, value: Any) -> Iterator[Problem]:
    """A table of a changed book has the rows that it had: a name of its own would never be read."""
    form = read_form(old.form) if old.form else None
    if form is None or form.shape == "labels" or form.cells[0].words:
        return  # free, or named by the form itself
    if isinstance(old.value, Mapping) and isinstance(value, Mapping):
        missing, more = [n for n in old.value if n not in value], [n for n in value if n not in old.value]
        if missing or more:
            words = [f"缺少 {'、'.join(missing)}"] * bool(missing) + [f"不认识 {'、'.join(more)}"] * bool(
                more
            )
            yield Problem(old.key, "；".join(words), "、".join(old.value))


def unknown_key(key: str, known: Mapping[str, Parameter]) -> Problem:
    """A key that no parameter has, with the one that was probably meant."""
    last = {name.rpartition(".")[2]: name for name in known}
    near = get_close_matches(key, known, n=1, cutoff=_LIKE)
    near = near or [last[name] for name in get_close_matches(key.rpartition(".")[2], last, n=1, cutoff=_LIKE)]
    return Problem(key, "没有这个参数" + (f"，是否指 {near[0]}（{known[near[0]].title}）" if near else ""))


def _out_of_order(rulebook: Rulebook) -> Iterator[Problem]:
    for low, high in NOT_ABOVE:
        if {low, high} <= rulebook.parameters.keys() and rulebook[low] > rulebook[high]:
            title = rulebook.parameters[high].title
            yield Problem(low, f"{rulebook[low]} 大于 {high}（{title}）的 {rulebook[high]}")
