"""Page furniture: the short lines around an article that are not part of it.

A small list of well-known wordings, each of which must fill a whole line. What a list of wordings
cannot know (menus, teasers) is left to the extraction of the main text in ``webpage``.
"""

from __future__ import annotations

import re
from functools import cache

MAX_FURNITURE = 300  # characters; a cookie notice is the longest that is looked for

_NETWORK = (
    r"(?:whatsapp|telegram|facebook|instagram|twitter|x|youtube|tiktok|linkedin|threads|bluesky|"
    r"mastodon|google news|social media)"
)
_NETWORKS = rf"{_NETWORK}(?:(?:,? and |, ?| & | ?/ ?|,? or ){_NETWORK})*"
_PLACE = r"(?:channels?|pages?|accounts?|feeds?|groups?)"
_UPDATES = r"(?: (?:for|to get|to receive) (?:\w+ ){0,4}(?:updates?|news|alerts|stories))?"
_WORDINGS = (
    # Follow us on X and Facebook · Follow @example · Find us on Instagram for more news
    rf"(?:follow|join|like|find) us(?: on {_NETWORKS})?{_UPDATES}",
    rf"follow @\w+(?: on {_NETWORKS})?{_UPDATES}",
    # Follow the ARY News WhatsApp channel for updates · Join our Telegram group
    rf"(?:follow|join|like|visit) (?:the|our) (?:[\w'’&-]+ ){{0,4}}{_NETWORK} {_PLACE}{_UPDATES}",
    # Follow Example News on Google News
    rf"follow (?:[\w'’&-]+ ){{1,4}}on {_NETWORKS}{_UPDATES}",
    # Subscribe to our newsletter · Sign up for our free daily newsletter and ...
    r"(?:subscribe|sign up)(?: now| today| here)? (?:to|for) (?:our|the) (?:[\w'’-]+ ){0,4}"
    r"(?:newsletters?|mailing list|youtube channel|podcast)(?: (?:and|to|for) .{1,60})?",
    # Share this article · Share on Facebook · Tweet this · Print this page · Email this story
    r"(?:share|tweet|print|e-?mail|bookmark) this(?: (?:article|story|post|page|news))?"
    rf"(?: on {_NETWORKS})?",
    rf"share (?:it )?(?:on|via|to) (?:{_NETWORKS}|e-?mail)",
    r"copy (?:the )?link(?: to clipboard)?",
    # We use cookies to improve your experience ... · Accept all cookies · Cookie settings
    r"(?:we|this (?:web)?site|our (?:web)?site) uses? cookies(?: and [\w ]{1,40})? (?:to|for) "
    r"(?:improve|enhance|personali[sz]e|ensure|give you|provide you|offer you|analy[sz]e) .*",
    r"by (?:continuing to (?:use|browse)|using) (?:this|our) (?:web)?site,? you "
    r"(?:agree|accept|consent) .*",
    r"(?:accept|reject|allow|decline|manage)(?: all)? cookies|cookie (?:settings|preferences)",
    # Skip to main content · Back to top · Advertisement · Story continues below advertisement
    r"skip to (?:the )?(?:main )?content|back to (?:the )?top|(?:skip )?advertisement",
    r"(?:story|article) continues below(?: (?:this )?(?:advertisement|ad))?|scroll to continue",
    # Also read: Ministers meet in Geneva
    r"(?!.*[.!?]$)(?:also read|read also|read more) ?: .+",
    # Click here to subscribe · Leave a comment · Comments are closed
    r"click here to (?:subscribe|follow|join|sign up|read more)(?: .{1,60})?",
    r"leave a (?:comment|reply)|post a comment|comments are closed",
)
_MARK = re.compile(r"\s*(?:[-*+•|>]\s+)?(?:\*\*|__)?")
_ENDED = (".", "!", "?", "…", ":", '"', "”", "’", ")", "»", "。", "|")


def drop_furniture(text: str) -> str:
    r"""Return the text without the lines that are page furniture.

    A line is dropped where a known wording fills it, apart from a bullet, and it stands alone: the
    line before it is blank, or ends a sentence, or is furniture too. A sentence that goes on from
    the line above is never touched, nor is a heading.

    >>> drop_furniture("Prices rose.\n\nFollow us on Facebook\n\nThey follow us on the road.")
    'Prices rose.\n\nThey follow us on the road.'
    """
    kept: list[str] = []
    dropped = False
    for line in text.split("\n"):
        if _stands_alone(kept, dropped) and _is_furniture(line):
            dropped = True
            continue
        # Where furniture stood between two blank lines, one of them goes with it.
        if dropped and not line.strip() and (not kept or not kept[-1].strip()):
            continue
        dropped = False
        kept.append(line)
    while dropped and kept and not kept[-1].strip():  # no blank lines are left behind at the end
        kept.pop()
    return "\n".join(kept)


def _stands_alone(kept: list[str], dropped: bool) -> bool:
    return dropped or not kept or not kept[-1].strip() or kept[-1].rstrip().endswith(_ENDED)


def _is_furniture(line: str) -> bool:
    if len(line) > MAX_FURNITURE:
        return False
    wording = _MARK.sub("", line, count=1).rstrip().removesuffix("**").removesuffix("__")
    return _furniture().fullmatch(wording) is not None


@cache
def _furniture() -> re.Pattern[str]:
    """Return what matches every wording; to compile it takes 5 ms, which a question is spared."""
    return re.compile(rf"(?:{'|'.join(_WORDINGS)}) ?[.!:…»→]*", re.IGNORECASE)
