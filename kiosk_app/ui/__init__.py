"""The screens: Qt lives in this package and nowhere else."""
