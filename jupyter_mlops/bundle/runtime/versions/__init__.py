"""Several answers to one question: champion and challenger, and a second engine that checks the first.

Read it in this order: rollout (who answers, as a file or a call says), versions (asks them), shadow (compares
answers off the response path), calls (``/admin/rollout``).
"""
