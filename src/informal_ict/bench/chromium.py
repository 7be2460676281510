"""The browser of this machine."""

import shutil

from informal_ict.errors import InputError

# The first is the same engine without the windows that nobody sees, for two thirds of the processor time.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str:
    """The Chromium of this machine.

    Raises:
        InputError: if there is none.
    """
    found = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    if found is None:
        raise InputError("No Chromium: python3 bootstrap.py --browser installs one or says how")
    return found
