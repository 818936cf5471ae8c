"""The Embed page, part by part.

request    what is to be embedded, as the reader has chosen it so far
form       the controls for it, the estimate, and the button
work       the run under way: its progress, its end, and what was interrupted
table      all embeddings of a site, to be opened; `export` writes one as files
loaders    what the page reads of a run, kept between reruns
pictures   the embedding beside true colour, on the date player
maps       a map for each dimension, and what it goes with
"""
