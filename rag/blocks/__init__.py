"""The wiring of the page: which Gradio components there are, and what each event does.

The only room that knows Gradio, and it imports it when a page is built, since that takes seconds.
What is shown is drawn in ``rag.page``; nothing here retrieves or writes an answer. ``app`` puts
the parts together: ``header``, ``chat``, ``panel``, and a module for each further view. Each part
has a function ``lay_out_…`` that places its components and returns them, and one ``wire_…`` that
connects their events. ``events`` is what those have in common, ``launch`` how the page is served.

Annotations are evaluated in these modules (no ``from __future__ import annotations``), because
Gradio reads from them which functions want to know more of an event.
"""
