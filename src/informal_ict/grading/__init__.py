"""Grade a whole class with nbgrader: submissions run beside each other, each closed off from all else."""
