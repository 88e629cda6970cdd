from rag.page.seats import MAX_SEATS, Seats


def test_a_seat_is_nobodys_until_its_owner_is_known() -> None:
    seats = Seats()
    first = seats.at("s")
    assert first.owner == ""
    assert seats.at("s") == first
    known = seats.take("s", "ann")
    assert known.owner == "ann"
    assert known.conversation_id == first.conversation_id


def test_every_seat_has_a_conversation_of_its_own() -> None:
    seats = Seats()
    assert seats.at("s").conversation_id != seats.at("t").conversation_id


def test_another_conversation_is_opened_at_one_seat_only() -> None:
    seats = Seats()
    seats.take("s", "ann")
    other = seats.at("t")
    assert seats.turn_to("s", "abc").conversation_id == "abc"
    assert seats.turn_to("s").conversation_id not in ("", "abc")
    assert seats.at("s").owner == "ann"
    assert seats.at("t") == other


def test_who_leaves_or_is_too_long_idle_is_forgotten() -> None:
    seats = Seats()
    seats.take("s", "ann")
    seats.leave("s")
    assert seats.at("s").owner == ""
    seats.take("s", "ann")
    for n in range(MAX_SEATS):
        seats.at(f"{n}")
    assert seats.at("s").owner == ""
