"""The server of a bundle: it needs this folder, the files beside it, and nothing of jupyter-mlops.

Read it in this order: main (the command line), app (HTTP), validate and columns (a request becomes a frame),
model (loading and scoring), manifest (which files belong to the bundle).
"""
