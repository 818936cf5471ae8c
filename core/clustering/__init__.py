"""Which places behave alike: from an embedding cube to a map of clusters, and what each of them is.

basis       what pixels are compared by: one date, a period's mean, the path through a year
timeline    pixels seen on different days, brought to common days
features    `read_features`: one row of numbers a pixel
space       `principal_space`: their principal components
methods     the ways to find clusters, by name
suggest     `suggest_k`: how many clusters
assign      `find_clusters`: a cluster, noise or nothing for every pixel
match       `keep_numbers`: numbers, and with them colours and names, that last
legend      names, colours, areas; renaming and merging
profiles    spectrum, seasons and embedding of a cluster
agreement   adjusted Rand index and table with a land-cover map
covers      land-cover maps of a reader's own
neighbours  all pixels in a plane, those that behave alike side by side
result      clusters as a published run
studies     what takes seconds to find out, as published runs: how many clusters, the plane of neighbours
"""
