"""A sentence that answers → the words of it that do.

`wanted` finds those of the kind that is asked for, `measures` those of its unit, `contrasts` and
`from_to` the one of several that is meant, `rows` the cell of a table; `marks` puts it together.
"""
