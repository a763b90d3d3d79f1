"""Shims under the private paths that released integration packages import; nothing else."""
