"""The settings of ``data/publishing.yml``: the address of the site, and where notebooks can be opened."""

import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from informal_ict.errors import InputError
from informal_ict.paths import DATA
from informal_ict.reading import first_problem, read_yaml

PUBLISHING = DATA / "publishing.yml"
ADDRESS_VARIABLE = "INFORMAL_ICT_ADDRESS"
ADDRESS = r"^https?://[^\s?#]+/$"


class Launch(BaseModel):
    """Where a notebook can be opened. Nothing is offered until a repository is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    repository: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$")
    branch: str = Field(default="released", min_length=1)
    jupyterhub: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+[^/\s?#]$")
    binder: bool = False
    colab: bool = False

    @model_validator(mode="after")
    def _needs_a_repository(self) -> Self:
        if self.repository is None and (self.jupyterhub or self.binder or self.colab):
            raise ValueError("a link opens a file of a repository: name it as 'repository: owner/name'")
        return self


class Publishing(BaseModel):
    """All settings of publishing."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    address: str | None = Field(default=None, pattern=ADDRESS)
    launch: Launch = Launch()


def load_publishing(path: Path = PUBLISHING) -> Publishing:
    """Read the settings; the environment's address goes before the file's.

    Raises:
        InputError: naming the setting that is wrong.
    """
    content = read_yaml(path)
    if isinstance(content, dict) and (address := os.environ.get(ADDRESS_VARIABLE)):
        content["address"] = f"{address.rstrip('/')}/"
    try:
        return Publishing.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None
