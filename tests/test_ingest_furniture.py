from __future__ import annotations

import pytest

from rag.ingest.furniture import drop_furniture


@pytest.mark.parametrize(
    "line",
    [
        "Follow us on Facebook",
        "FOLLOW US ON X, INSTAGRAM AND YOUTUBE!",
        "Follow @examplenews",
        "Follow Example News on Google News",
        "Follow the Example News WhatsApp channel for updates",
        "Follow the Independent Urdu’s WhatsApp channel for the latest news.",
        "Join our Telegram channel",
        "Subscribe to our newsletter",
        "Sign up for our free weekly newsletter and never miss a story.",
        "Share this article",
        "Share on Facebook",
        "- Tweet this",
        "Copy link",
        "We use cookies to improve your experience on this site. Read our policy.",
        "By continuing to use this site, you agree to our use of cookies.",
        "Accept all cookies",
        "Cookie settings",
        "Skip to main content",
        "Back to top",
        "ADVERTISEMENT",
        "Story continues below advertisement",
        "Also read: Ministers meet in Geneva",
        "**Read more: Ministers meet in Geneva**",
        "Click here to subscribe",
        "Leave a comment",
    ],
)
def test_furniture_that_stands_alone_is_dropped(line: str) -> None:
    assert drop_furniture(f"Prices rose.\n\n{line}\n\nThey fell.") == "Prices rose.\n\nThey fell."


@pytest.mark.parametrize(
    "line",
    [
        "Follow the instructions of the rescue team.",
        "He follows us on the road.",
        "Follow us, the guide said, and we went up the hill.",
        "Follow the river north for updates of the landscape.",
        "Join us in the fight against malaria, the minister said.",
        "Subscribe to the theory and the sums come out.",
        "We use cookies.",
        "We use cookies and tea to keep the volunteers happy.",
        "Share prices fell.",
        "Share this view and you stand with a majority of economists.",
        "Advertisement spending rose by 4 %.",
        "The newsletter has 4,000 subscribers.",
        "Read more books than last year: that was her plan.",
        "Also read: in the second chamber the bill was also read.",
        "# Advertisement",
        "## Follow us on Facebook",
    ],
)
def test_sentences_and_headings_stay(line: str) -> None:
    text = f"Prices rose.\n\n{line}\n\nThey fell."
    assert drop_furniture(text) == text


def test_a_wording_within_a_wrapped_paragraph_stays() -> None:
    text = "The company asked people to\nfollow us on Facebook\nand thousands did so."
    assert drop_furniture(text) == text


def test_a_paragraph_of_furniture_lines_goes_as_a_whole() -> None:
    text = "They fell.\nFollow us on X\nShare this story\nCopy link\n"
    assert drop_furniture(text) == "They fell.\n"


def test_text_without_furniture_is_returned_as_it_is() -> None:
    text = "\n\n one \n\n\n\ntwo\t\n"
    assert drop_furniture(text) == text


def test_no_text_has_no_furniture() -> None:
    assert drop_furniture("") == ""
