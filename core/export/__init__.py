"""Embeddings as files that other programs open: Zarr, GeoTIFF, GeoParquet. Each is there whole, or not at all.

aside      written beside its final place, then renamed
cube       `export_zarr`
rasters    `export_geotiffs`: a cloud-optimised GeoTIFF for each date
samples    `export_samples`: pixels drawn at random, as a table with a geometry
"""
