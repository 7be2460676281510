"""Reading source files at the border: what is wrong in one is said once, with its place."""

import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from informal_ict.errors import InputError

# The parser in C where PyYAML has it: a build reads some hundred files.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeyLoader(_SafeLoader):  # type: ignore[misc]  # one of two classes, known only at run time
    """YAML that refuses a key written twice; PyYAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key!r} is there twice", key_node.start_mark
                )
            seen.add(key)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping


def read_text(path: Path) -> str:
    """Read a UTF-8 file, with or without the byte order mark that Excel writes.

    Raises:
        InputError: if the file is missing, cannot be opened or is in another encoding.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path.name}: the file is not there ({path})") from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path.name}: not UTF-8 (byte {error.start}); in Excel, save it as 'CSV UTF-8'"
        ) from None
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read: {error.strerror} ({path})") from None


def read_export(path: Path, most_bytes: int) -> bytes:
    """Read a file that somebody exported from another program.

    Raises:
        InputError: if it is missing, a folder, too large, or cannot be opened.
    """
    try:
        if path.stat().st_size > most_bytes:
            raise InputError(f"{path.name}: larger than {most_bytes // 1_000_000} MB; is it the right file?")
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; check its name and its folder") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder; name the file in it") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be opened: {error.strerror}") from None


def read_yaml(path: Path) -> Any:
    """Parse a YAML file.

    Raises:
        InputError: if the file is missing, is not UTF-8 or not YAML, has a key twice, or holds itself.
    """
    text = read_text(path)
    try:
        content = yaml.load(text, Loader=_UniqueKeyLoader)
        # An alias within its own anchor has no end; only here is that found before something walks into it.
        json.dumps(content, default=str, skipkeys=True)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        # PyYAML lets impossible dates, lists as keys and bottomless nesting through as these.
        raise InputError(f"{path.name}: not valid YAML: {error}") from None
    return content


def first_problem(error: ValidationError) -> str:
    """The first fault that pydantic found, as 'place: what is wrong'."""
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else problem["msg"]
