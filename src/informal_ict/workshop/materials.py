"""What a run sheet may ask for, and where it lies in the pack."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from informal_ict.errors import InputError
from informal_ict.paths import WORKSHOP
from informal_ict.reading import first_problem, read_yaml

MATERIALS = WORKSHOP / "materials.yml"
Group = Literal["To lead it", "To show", "To hand out", "Before and after"]


class Material(BaseModel):
    """Something that is needed in a workshop; without a file, whoever leads it brings it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(min_length=1)
    about: str = ""
    file: str = Field(default="", description="A file of the pack, or a folder, which ends with a slash.")
    editable: str = Field(default="", description="The same as a Word document.")
    also: tuple[str, ...] = Field(default=(), description="Further files of the pack that belong to it.")
    print: str = Field(default="", description="How to print it, and how many.")
    group: Group | None = None


def load_materials(path: Path = MATERIALS) -> dict[str, Material]:
    """Read and check workshop/materials.yml. The result is keyed by id, in the order of the file.

    Raises:
        InputError: naming the entry at fault.
    """
    try:
        materials = TypeAdapter(dict[str, Material]).validate_python(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None
    for key, material in materials.items():
        if bool(material.file) != bool(material.group):
            raise InputError(f"{path.name}: {key}: a file needs a group to stand in, and a group a file")
        if material.file and not material.about:
            raise InputError(f"{path.name}: {key}.about: a file of the pack needs a sentence on it")
    return materials
