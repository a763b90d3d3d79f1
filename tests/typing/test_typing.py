"""What type checkers infer for users, pinned."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


@pytest.mark.parametrize("corpus", sorted(path.name for path in HERE.glob("[!t]*.py")))
def test_corpus_is_clean_under_mypy(corpus: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--warn-unused-ignores", str(HERE / corpus)]
        + ["--config-file=", "--follow-imports=silent", f"--cache-dir={tmp_path}"],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
