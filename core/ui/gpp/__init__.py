"""The GPP page, part by part.

choices    what the reader has chosen: for the next fit, and of the one that is looked at
loaders    what the page reads of stored fits and towers, kept between reruns
scores     the first row: skill, R2, RMSE, coverage, split, each beside its baselines
judged     observed and predicted, 1:1, residuals by season
parts      what matters, scores by part, leaderboard, annual sums
maps       GPP at 10 m through a year, on the date player;  `export`: all of a fit as files
form       the controls of the next fit, what it will take, and the button
tower      a tower file of one's own: its columns, its unit, and the days that each rule drops
work       fits and maps under way: begun, watched, cancelled
words      sentences of the command line in the words of the page
"""
