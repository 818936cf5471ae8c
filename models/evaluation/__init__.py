"""How good an embedding is, measured on places it was not trained on; `python -m models.evaluate` prints all of it.

Each part is a module: `places` what is judged, `reconstruction`, `landcover`, `steadiness`.
"""
