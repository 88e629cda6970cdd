"""Words for what somebody is: occupations, offices and relations."""

from __future__ import annotations

import re

from rag.retrieve.terms import STOP_WORDS

# Those that no ending tells.
_ROLES = """
    abbot advocate aide alto apprentice architect aunt bass bishop boss bride brother candidate
    captain ceo chair chef chief clerk coach colleague colonel consul cook count cousin critic
    daughter deacon dean delegate deputy detective duke earl entrepreneur envoy father founder
    friend general graduate groom guard guide head heir host husband imam judge king magistrate mate
    mayor mechanic member minister model monk mother nun nurse owner pilot poet pope priest prince
    principal professor provost queen rabbi registrar rival scholar sheikh sheriff sister smith son
    soprano star tenor twin uncle vet vicar warden widow wife
"""
ROLES = frozenset(_ROLES.split())
ENDING = re.compile(
    r"[^\W\d]{2}(?:er|or|ist|yst|ian|man|woman|men|women|person|ant|ent|ess|ary|ive|ee|herd"
    r"|wright)s?$"
)
# Words with such an ending that nobody is.
_OTHERS = """
    after agree agreement alive another answer better between bigger center committee computer
    consider copper corner current december department different document earlier either enter
    event ever february five former free further government greater higher however important
    january later latter letter likewise live longer lower massive matter moment month negative
    neither never nor november number october offer older or order other over paper parliament
    patient per percent positive power present quarter rather recent remember restaurant river see
    september silver smaller statement summer three together treatment twelve under upper water
    whether winter younger
"""
OTHERS = frozenset(_OTHERS.split())


def is_role(word: str) -> bool:
    """Return whether a word may say what somebody is.

    >>> is_role("mayor"), is_role("Bookseller"), is_role("after"), is_role("said")
    (True, True, False, False)
    """
    word = word.casefold()
    if word in OTHERS or word in STOP_WORDS:
        return False
    return word in ROLES or ENDING.search(word) is not None
