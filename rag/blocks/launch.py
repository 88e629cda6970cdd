"""How the page is served: nothing leaves the machine, and nothing is served but the page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.ingest.formats import FORMATS
from rag.page import colours, script, style
from rag.page.guard import Guard
from rag.page.headers import find_scripts
from rag.page.rules import API, Rules, is_loopback

MAX_UPLOAD = "20mb"  # of a file; without a limit Gradio stores anything
MAX_SESSIONS = 1_000  # open pages whose answers are remembered, 20 kB an answer
ENDPOINTS = ("answer",)  # what programs may call
MCP_PATH = f"{API}/mcp"  # of the MCP server


def launch_options(
    host: str,
    port: int | None,
    auth: tuple[str, str] | None,
    private: Sequence[Path],
    *,
    mcp: bool = False,
    verbose: bool = False,
) -> dict[str, Any]:
    """Return the arguments of Gradio's ``launch``; no file below ``private`` is ever served.

    With ``mcp`` the endpoints are tools of an MCP server, too. With ``verbose`` the log has the
    messages of unexpected errors, which may quote a question.
    """
    import gradio as gr
    from starlette.middleware import Middleware

    theme = gr.themes.Base(
        font=[gr.themes.Font(name) for name in colours.FONT],
        font_mono=[gr.themes.Font(name) for name in colours.MONO],
    ).set(**colours.theme_variables())
    head = style.draw_head_style() + script.draw_head()
    local_only = auth is None and is_loopback(host)
    more = (MCP_PATH,) if mcp else ()
    rules = Rules(ENDPOINTS, suffixes=FORMATS, local_only=local_only, more=more)
    scripts = tuple(find_scripts(head.encode("utf-8")))
    guard = Middleware(Guard, rules=rules, scripts=scripts, verbose=verbose)
    return {
        "app_kwargs": {"middleware": [guard], "openapi_url": None},
        "server_name": f"[{host}]" if ":" in host else host,  # as in an address
        "server_port": port,
        "auth": auth,
        "theme": theme,
        "css": style.draw_css(),
        "head": head,
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
        "state_session_capacity": MAX_SESSIONS,
        "ssr_mode": False,
        "mcp_server": mcp,
        "pwa": False,
    }
