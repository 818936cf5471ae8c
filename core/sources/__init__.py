"""Where sites come from: the workspace, the simulated demos, the list of known places, files of one's own."""
