"""A site of one's own, added on the Explore page.

choices   what the reader has chosen so far: the way, the place, the files, the corrections
panel     the frame: which of the two ways, and a way back
archive   from a public archive by coordinates: place, box, period, archive; what there is; the fetch
files     from files: uploaded, or by their path; what they do not say themselves
mapping   what each layer of the files is taken as, shown and corrected before anything is stored
uploads   uploaded files in the workspace, under names that are safe
work      looking, fetching and storing in processes of their own: begun, watched, stopped, taken up again
words     sentences of the command line in the words of the page
"""
