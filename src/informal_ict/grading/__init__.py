"""Grade a whole class: nbgrader's gradebook and folders, notebooks run beside each other in sandboxed kernels."""
