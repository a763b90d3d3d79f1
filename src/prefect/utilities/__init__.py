"""Small helpers of every other room and of integration packages, one subject per module.

This package imports nothing; import the module you need.
"""
