"""Wire models of events, automations and the triggers of deployments.

This package only holds its modules; import a model from the module that defines it:
`prefect.events.schemas.events`, `.automations`, `.deployment_triggers`, `.labelling`.
"""
