"""Answers, sources, articles → what the chat page shows.

HTML and text only: nothing here knows the toolkit that puts it on the screen, and everything that
comes from an article or a person is escaped here. ``wording`` has all sentences of the page.
``markup`` turns text into HTML; on top of it ``answers``, ``sources``, ``article`` and ``status``
draw. ``history`` reads a conversation back from the page, ``loading`` and ``conversation`` are its
course, ``starters`` its first questions, ``export`` an answer for machines. ``colours``, ``style``
and ``script`` are the page's own look and JavaScript.
"""
