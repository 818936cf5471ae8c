"""The Trajectories page, part by part.

choices    what the reader has chosen so far, and widgets that follow it
loaders    paths, axes, seasons, distances and events, kept between reruns under their run and place
places     which place is followed, what it is compared with, and the picture to choose it on
paths      the path through latent space, and the series under one time axis
years      years against each other, and how two places or embeddings agree
seasons    the dates of each season by every source
unusual    how unusual each date was, as a curve and as maps;  core.ui.slow makes those, with a bar and a way to stop
events     what happened, found on demand, beside what is known of a simulated site
export     what is drawn, as a table
"""
