"""What keeps thousands of tests from waiting for what they have no use for."""

import gc
from collections.abc import Iterator

import pytest
from coverage import Coverage

# Of how many collections of the middle generation one goes through the old one, too.
_SELDOM = 100


def pytest_configure() -> None:
    """What is loaded stays, as in `gunicorn.conf.py`: there is no garbage in it."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage again, but not among the modules and the tests themselves."""
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _SELDOM)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Measure the coverage of the measured packages by the tests of nobody else's.

    Under the meter a test takes twice as long, and what a page passes through on its
    way is not tested by the test of the page.
    """
    meter = Coverage.current()
    if meter is None or item.nodeid.startswith(_measured(meter)):
        return (yield)
    meter.stop()
    try:
        return (yield)
    finally:
        meter.start()


def _measured(meter: Coverage) -> tuple[str, ...]:
    """Where the tests are that count; those of `tests/` are about all packages."""
    packages = meter.get_option("run:source")
    assert isinstance(packages, list)
    return tuple(f"{name}/" for name in [*packages, "tests"])
