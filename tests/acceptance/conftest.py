"""One branch, taken from its workbook to a plan by the command line; the acceptance tests look at what it left."""

from __future__ import annotations

import pytest
from branches import Branch, make_branch


@pytest.fixture(scope="session")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Branch:
    """The shared branch: tests that read only."""
    return make_branch(tmp_path_factory.mktemp("branch"))


@pytest.fixture(scope="module")
def own_branch(tmp_path_factory: pytest.TempPathFactory) -> Branch:
    """A branch of the module's own: tests that move custody."""
    return make_branch(tmp_path_factory.mktemp("own"), customers=3_000)
