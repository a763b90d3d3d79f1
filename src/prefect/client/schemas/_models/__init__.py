"""The wire models, one private module per noun: its objects, answers and request bodies.

`prefect.client.schemas.objects`, `.responses`, `.actions` and `.schedules` publish them.
"""
