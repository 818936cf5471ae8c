"""From a site to its embedding cube.

    selection   which dates, rows and columns are asked for
    weights     a model by name or folder, behind the one interface the engine knows
    frames      the frames of a site, read window by window
    layout      how the result is cut into blocks; each is computed, stored and resumed as a whole
    plan        all of these together, decided before anything is computed
    compute     one block; `trust` is what lies beside each embedding
    draft       the unfinished result on disk, and which of its blocks are done
    engine      `run`: a plan becomes a published result
    result      `open_embedding`: a published result, opened

`selection`, `layout`, `trust`, `pace`, `draft` and `result` are quick to import; the others bring torch.
"""
