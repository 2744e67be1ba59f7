"""Broken and hostile files against the whole ingest: nothing may die, hang, fail without a code or leave a part.

    python -m bench fuzz --mutants 20000 --seed 7

Real files are changed by a generator that a seed makes repeatable (`mutants`, `pdfs`), bombs are made by hand
(`bombs`), and all are taken in through workers as a user's files are (`reading`).
"""
