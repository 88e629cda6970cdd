"""Answers, sources, articles → what the chat page shows.

HTML and text only: nothing here knows the toolkit that puts it on the screen, and everything that
comes from an article or a person is escaped here. ``wording`` has all sentences of the page.

Drawing: ``markup`` turns text into HTML and ``cleaning`` looks it over; on top of them
``answers``, ``sources``, ``article``, ``articles``, ``figures``, ``status`` and ``actions`` draw.
``colours``, ``style`` and ``script`` are the page's own look and JavaScript, from ``look``.

A conversation: ``loading`` has the chatbot, ``conversation`` is the course, ``history`` reads it
back from the page, ``starters`` and ``suggestions`` have questions to ask. ``conversations`` keeps
it in a ``conversation_file`` for who has taken one of the ``seats`` (``keeping``), ``transcript``
writes it out. ``feedback`` and ``evaluating`` are about how good the answers are.

Articles that are added: ``offered`` is what a person sends, ``shelf`` a folder with its index that
takes it, ``desk`` a person's place with a private shelf, ``library`` all of them.

Protection: ``guard`` stands before the server, with its ``rules``, ``headers``, ``attempts`` at a
password and ``multipart`` uploads; ``folder`` is private and temporary.
"""
