"""How the page is served: nothing leaves the machine, and nothing is served but the page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.page import colours, script, style

MAX_UPLOAD = "20mb"  # of a file; without a limit Gradio stores anything


def launch_options(
    host: str, port: int | None, auth: tuple[str, str] | None, private: Sequence[Path]
) -> dict[str, Any]:
    """Return the arguments of Gradio's ``launch``; no file below ``private`` is ever served."""
    import gradio as gr

    theme = gr.themes.Base(
        font=[gr.themes.Font(name) for name in colours.FONT],
        font_mono=[gr.themes.Font(name) for name in colours.MONO],
    ).set(**colours.theme_variables())
    return {
        "server_name": host,
        "server_port": port,
        "auth": auth,
        "theme": theme,
        "css": style.draw_css(),
        "head": style.draw_head_style() + script.draw_head(),
        "prevent_thread_lock": True,
        "quiet": True,
        "inbrowser": False,
        "share": False,
        "show_error": False,
        "enable_monitoring": False,
        "run_history": False,
        "footer_links": [],
        "allowed_paths": [],
        "blocked_paths": [str(path.absolute()) for path in private],
        "max_file_size": MAX_UPLOAD,
        "ssr_mode": False,
        "mcp_server": False,
        "pwa": False,
    }
