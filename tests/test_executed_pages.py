"""Pages with code cells, run on all processors, and the work that is done beside."""

from pathlib import Path

import pytest
import typst

from informal_ict import executed_pages


def test_typst_may_have_run_before_and_runs_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has threads, for which a process forked from this one would wait for ever."""
    monkeypatch.setattr(executed_pages, "EXECUTABLE", ())
    made = [typst.compile(b"= A page", format="svg")]
    executed_pages.execute_pages(
        tmp_path / "cache", lambda: made.append(typst.compile(b"= A page", format="svg"))
    )
    assert made[0] == made[1]
