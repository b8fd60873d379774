"""The server of a bundle: it needs this folder, the files beside it, and nothing of jupyter-mlops.

Read it in this order: main and options (the command line), run (uvicorn), app (addresses), access and tokens
(who may ask), protocols (a body becomes a question), tables and values (checked, column by column), versions
(champion or challenger), scoring (who computes when), engines (what answers), manifest (which files belong to
the bundle).
"""
