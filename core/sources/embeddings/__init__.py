"""Embeddings that others made, brought into the workspace as runs like our own.

files       which files and folders are meant, and of what kind each is
cubes       Zarr and NetCDF: an earlier run, the paper's feature cubes, any other cube
rasters     GeoTIFF: AlphaEarth, TESSERA in floats, our own exports, any other raster
tessera     TESSERA as it is distributed: pairs of .npy files beside a landmask
quantised   stored whole numbers back to the values they stand for
dates       when an image is of: stated, given, or read off its name
stack       what every reader hands on: images on one grid, read where they are asked for
look        what is given, as stacks of one maker that belong together
grid        the one grid of the result, and where each of its pixels lies in an image
place       the site that an embedding belongs to
settle      CRS, site and grid, decided together
fill        the pixels onto the disk, and what is odd about them
load        `look`: what files hold; `load_embedding`: files become a published run
"""
