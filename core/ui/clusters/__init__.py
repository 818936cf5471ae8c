"""The Clusters page, part by part.

link       the choices as words of the page's link
choices    what the reader has chosen so far, and widgets that follow it
loaders    features, clusters, similarities and class maps, kept between reruns under their run and question
basis      what pixels are compared by: the controls that all three parts share
atlas      the map with its overlay, and the scatter linked with it
webmap     the same picture in its place on the globe, on leafmap
found      clusters: controls and map;  `legend` names, areas, merges
profile    what a cluster is; `cover` in which land cover it lies; `facts` what both rest on
work       what takes longer, in the background
keep       the clusters on the screen as a run, which Trajectories can follow
similar    similar places: the map, its threshold, the nearest sites
label      label a few, map the rest
export     what is on the screen, as files
"""
