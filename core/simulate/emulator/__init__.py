"""A small neural stand-in for the PROSAIL canopy model, so that a whole site costs seconds and not half an hour.

`rtm` is all that runs in the app; `build` is a developer's tool with requirements of its own
(`requirements-build.txt`).
"""
