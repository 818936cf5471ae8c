"""A few labels, and from them a map of everywhere.

    labels        points and polygons with a class; every change can be undone
    files         `load_labels`, `save_labels`: one GeoJSON file a site; labels of others, imported
    training      the pixels that labels give a class
    classifiers   what learns from them, by name
    judge         accuracy on blocks of land held out, never on random pixels
    classmap      `class_map`: the map, its confidence, and how few labels it rests on

`labels` and `files` are quick to import; the others bring scikit-learn when they are used.
"""
