"""Lines on disk that wait to be brought home: one file a process, and what a dead process left is found by the next."""

import fcntl
import os
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4


class Ahead:
    """Each file is held by the process that writes it, for as long as it lives. Nothing is created before the first line."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = folder / f"{uuid4().hex}.lines"
        self._file: BinaryIO | None = None

    @property
    def waiting(self) -> bool:
        """Whether lines of this process wait."""
        return self._file is not None

    def keep(self, line: str) -> None:
        """Write a line; it is on the disk afterwards. Raises `OSError`."""
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = _held(self._own)
        self._file.write(line.encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def lines(self) -> Generator[tuple[Path, list[str]], None, None]:
        """File by file, what others left and then our own; whoever has taken the lines in drops the file before the next.

        Raises `OSError`.
        """
        for path in sorted(self._folder.glob("*.lines")):
            if path == self._own and self._file is not None:
                continue
            with suppress(FileNotFoundError), path.open("rb") as left:  # another process may have taken it in
                if _is_free(left):
                    yield path, _read(left)
        if self._file is not None:
            with self._own.open("rb") as own:
                yield self._own, _read(own)

    def drop(self, path: Path) -> None:
        """Its lines are at home."""
        path.unlink(missing_ok=True)
        if path == self._own:
            self.let_go()

    def let_go(self) -> None:
        """Leave our own file to whoever comes next."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _held(path: Path) -> BinaryIO:
    """Our own file, new: one that another process found before it was held, and took for left, is gone again."""
    while True:
        file = path.open("ab")
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()


def _is_free(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read(file: BinaryIO) -> list[str]:
    """Whole lines: the last one may be half, where its writer was killed."""
    return [line.decode() for line in file.read().split(b"\n")[:-1]]
