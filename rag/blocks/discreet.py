"""A page of Gradio whose log does not repeat what was typed."""

from typing import Any

from rag.page import wording
from rag.page.guard import report


def make_blocks(*, verbose: bool = False, **options: Any) -> Any:
    """Return a ``gradio.Blocks`` that reports unexpected errors as `report` does.

    Gradio would print all of them with their messages, and messages quote. The person is told that
    something went wrong; a ``gradio.Error``, which is meant for them, is left as it is.
    """
    import gradio as gr

    class Blocks(gr.Blocks):  # type: ignore[misc]  # the browser is told the name
        async def process_api(self, *args: Any, **kwargs: Any) -> Any:
            try:
                return await super().process_api(*args, **kwargs)
            except gr.Error:
                raise
            except Exception as error:  # the outermost boundary of all that the page does
                report(error, verbose=verbose)
                raise gr.Error(wording.UNEXPECTED, print_exception=False) from None

    return Blocks(**options)
