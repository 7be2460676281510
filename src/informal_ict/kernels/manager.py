"""A manager that starts kernels through a provisioner of ours, whichever kernel a notebook names."""

from typing import Any

from jupyter_client.manager import AsyncKernelManager
from traitlets import Dict, Unicode


class ProvisionedManager(AsyncKernelManager):
    """Starts kernels through a provisioner of a given name, whatever the kernelspec says."""

    provisioner_name = Unicode()
    provisioner_config = Dict()

    async def _async_pre_start_kernel(self, **kwargs: Any) -> tuple[list[str], dict[str, Any]]:
        assert self.kernel_spec is not None
        self.kernel_spec.metadata["kernel_provisioner"] = {
            "provisioner_name": self.provisioner_name,
            "config": dict(self.provisioner_config),
        }
        return await super()._async_pre_start_kernel(**kwargs)

    pre_start_kernel = _async_pre_start_kernel
