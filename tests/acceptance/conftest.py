"""One branch, taken from its workbook to a plan by the command line; the acceptance tests look at what it left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from branches import Branch, copied_branch, shared_branch


@pytest.fixture(scope="session")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Branch:
    """The shared branch: tests that read only."""
    return shared_branch(tmp_path_factory.getbasetemp())[1]


@pytest.fixture(scope="module")
def own_branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    """A branch of the module's own, on the database system of the run: tests that move custody."""
    with copied_branch(tmp_path_factory.mktemp("own")) as (_, branch):
        yield branch
