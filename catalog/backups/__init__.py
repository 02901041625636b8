"""Backups: a folder that holds a store, its uploads and, where wanted, the build that serves."""

from catalog.backups.making import make_backup
from catalog.backups.manifest import Manifest, read_manifest
from catalog.backups.restoring import BuildsThere, CarriedBuild, Restored, check_backup, restore_backup

__all__ = [
    "BuildsThere",
    "CarriedBuild",
    "Manifest",
    "Restored",
    "check_backup",
    "make_backup",
    "read_manifest",
    "restore_backup",
]
