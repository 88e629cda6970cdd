"""Files → documents → passages.

``files`` finds the articles of a folder and reads them; each of the ``formats`` has one of the
``readers`` (``plain``, ``markdown`` with its ``front_matter``, ``webpage``, ``pdf``, ``word`` with
the ``looks`` of its runs, ``lines``), and the risky ones run in a ``child`` process with limits.
What only the look of a text says is written in it: figures that are ``raised``, a ``formula``, what
is ``visible`` of a page, also in the ``frames`` that it is laid out with, which headings have
``underlines``. What all readers give is an ``article``; ``furniture`` drops from it the lines that
belong to the page. ``split`` cuts documents along their structure (``sentences``) into passages of
so many ``tokens``.
"""
