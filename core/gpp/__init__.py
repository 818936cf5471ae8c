"""Gross primary production (GPP) from what satellites and weather tell, judged honestly.

columns      which columns are bands, radiation, ...; indices and light-use products made from them
table        a table of one's own -> frames; `sites` does the same for sites of the workspace
footprint    how a tower weighs the pixels around it;  `clearsky`: radiation from place and date
windows      frames -> samples: a target and the window of days that ends on it
splits       which samples train and which are held out, without leaks
regressors   the registry of models;  `search`: a small search inside the training folds
baselines    what a model has to beat;  `scores`: how good a prediction is, with bootstrap intervals
judge        all of these together: every held-out day predicted by a model that never saw it
intervals    calibrated prediction intervals;  `applicability`: where a prediction leaves what was trained on
importance   what matters, by group of features and by lag
annual       sums of years with their uncertainty;  `maps`: GPP of every pixel on a date
store        a judged model as a run of the workspace;  `export`: predictions, model and report as files
"""
