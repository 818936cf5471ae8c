"""A site from a public archive, by coordinates: Sentinel-2 Level-2A and Sentinel-1 RTC through a STAC API.

providers   which archives are known, and what another STAC API calls things
request     what is asked for: place, size, period; the one grid of the site
assets      what an item's assets are: bands, scale, offset, processing baseline
search      the scenes there are, by day
estimate    what fetching them would cost
cog         reading an asset onto the grid: cloud-optimised GeoTIFF and nothing else
patience    trying again, and telling a broken asset from a server that is busy
values      the numbers of a day's scenes become one image
parts       the days fetched so far, on disk, so that an interrupted fetch goes on
assemble    those days as the cube of a site
fetch       all of it: `plan_fetch` looks, `fetch` makes the site
"""
