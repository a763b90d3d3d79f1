"""Concurrency limits and rate limits for any code.

`prefect.concurrency.sync` for sync code, `prefect.concurrency.asyncio` for async code.
"""
