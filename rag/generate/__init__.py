"""Hits → answer: which sentences answer, whether any does, and the check of every citation.

In reading order: `citations` (an answer's text with ``[n]``, and its check), `entities` (numbers,
dates and names in a text), then the sentences of the hits: `cues`, `asked` and `features` describe
them, `evidence` gathers them, `selection` chooses, `lacking` doubts, `words` finds in them what
answers, `antecedents`, `headings`, `abbreviations` and `disagreement` add what belongs to them,
`lists` and `releases` find what stands together below a heading, and `extractive` makes the answer
of it; `mentions` answers from all articles. `check` judges sentences that somebody else wrote,
`model` is a language model that does, and `generative` the answer in its words; `forms` is what is
searched for.
"""
