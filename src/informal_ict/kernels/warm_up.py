"""Start what kernels are forked from before the first kernel is asked for."""

import os

from informal_ict.kernels.bubblewrap import PASSED_ON, environment_inside, start_template
from informal_ict.kernels.forked import PRELOADED, Template, running_template


def warm_up(preload: tuple[str, ...], sandbox: bool) -> None:
    """Start the template of kernels with the usual settings, and do not wait for it.

    This process and those forked from it afterwards use it. Should it not start, the first kernel says why.

    Args:
        preload: modules that kernels have imported before; none for the usual ones.
        sandbox: whether kernels are closed off.

    Raises:
        InputError: if there is to be a sandbox, and bubblewrap is not installed or may not do its work.
    """
    modules = preload or PRELOADED
    if sandbox:
        environment = environment_inside(os.environ, PASSED_ON)
        running_template(start_template, modules, (), tuple(environment.items()))
    else:
        running_template(Template, modules)
