"""A site from files of one's own: rasters and cubes in the field's usual spellings.

`look` reads what files hold and makes a `Mapping` that shows every guess; `ingest` stores the site by a mapping, as
guessed or as corrected. Nothing is stored before the mapping stands.
"""
