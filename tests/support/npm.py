"""Packages from the npm registry, as a lock file pins them."""

import os
import shutil
import subprocess

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def install(folder):
    """Installs what the package-lock.json in the folder names."""
    for last in (False, False, True):  # a registry may answer late, or not at all, once
        try:
            subprocess.run(["npm", "ci", "--prefer-offline", "--no-audit", "--no-fund",
                            "--ignore-scripts"], cwd=folder, check=True, timeout=80,
                           stdout=subprocess.DEVNULL)
            return
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            if last:
                raise


def copy_and_install(folder, *more):
    """Copies tests/node there, and these folders of tools/ into it; installs what it needs."""
    ignore = shutil.ignore_patterns("node_modules", "__pycache__")
    shutil.copytree(os.path.join(TOP, "tests", "node"), folder, ignore=ignore)
    for name in more:
        shutil.copytree(os.path.join(TOP, "tools", name), os.path.join(folder, name),
                        ignore=ignore)
    install(folder)
