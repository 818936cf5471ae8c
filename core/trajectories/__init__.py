"""How places move through an embedding's space over time: from an embedding cube to paths, seasons and events.

places      what is followed: a pixel, an area, a cluster, the whole site, a tower's footprint
paths       `read_paths`: their embeddings date by date, with trust;  `daily`: gaps filled (core.gapfill)
basis       `basis_for`: the axes paths are drawn on, fitted once for a model
align       Procrustes and CKA;  `compare`: two paths side by side
distance    `year_distances`: years against each other, by time warping and by area
vigour      the axis of an embedding along which vegetation comes and goes
season      start, peak and end, of one place or as maps
season_sources   the same of one place by its embedding, NDVI, NIRv and tower;  `season_maps`: of every pixel and year
unusual     how far a date lies from what a place does at that time in other years
losses      sudden losses;  `change`: lasting changes;  `find`: both, told once each
regions     from changed pixels to events;  `lines`: pixels on every day, to look up
known       what is known to have happened at a simulated site, and how well it was found
table       what is drawn, as CSV or Parquet
"""
