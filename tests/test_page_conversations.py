import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rag.page.conversation_file import ConversationFile
from rag.page.conversations import (
    FILE,
    MAX_AGE,
    MAX_EXCHANGES,
    MAX_OF_OWNER,
    Conversations,
    SavedExchange,
    make_id,
    make_token,
    name_owner,
)

ANN, BOB = name_owner(make_token(), None), name_owner(make_token(), None)


def exchange(turn: int = 1, question: str = "When?", text: str = "In May. [1]") -> SavedExchange:
    return SavedExchange(turn, question, {"answer": text, "citations": []}, "edition")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path, clock=Clock())


def titles(kept: Conversations, owner: str) -> list[str]:
    return [row.title for row in kept.rows(owner)]


def test_what_is_saved_is_there_for_the_next_server(kept: Conversations, tmp_path: Path) -> None:
    exchanges = [exchange(1, "When\ndoes it rise?"), exchange(2, "And fall?")]
    kept.save(ANN, "a", exchanges)
    later = Conversations(tmp_path)
    assert later.open(ANN, "a") == exchanges
    assert titles(later, ANN) == ["When does it rise?"]
    assert later.latest(ANN) == "a"
    assert later.notices == ()


def test_nobody_sees_or_touches_the_conversation_of_another(kept: Conversations) -> None:
    kept.save(ANN, "a", [exchange()])
    assert kept.rows(BOB) == []
    assert kept.latest(BOB) == ""
    assert kept.open(BOB, "a") == []
    kept.save(BOB, "a", [exchange(7, "Mine now?")])
    kept.rename(BOB, "a", "Mine")
    kept.delete(BOB, "a")
    assert kept.open(ANN, "a") == [exchange()]
    assert titles(kept, ANN) == ["When?"]


def test_an_owner_is_a_browser_and_a_user() -> None:
    token = make_token()
    owners = [name_owner(token, None), name_owner(token, "ann"), name_owner(token, "bob")]
    owners.append(name_owner(make_token(), "ann"))
    assert len(set(owners)) == 4
    assert name_owner(token, "ann") == owners[1]
    assert token not in "".join(owners)


@pytest.mark.parametrize("token", ["", "x" * 39, "x" * 101, "x" * 39 + "'", None, 7, ["x" * 43]])
def test_what_is_no_token_owns_nothing(kept: Conversations, token: Any) -> None:
    owner = name_owner(token, "ann")
    assert owner == ""
    kept.save(owner, "a", [exchange()])
    assert kept.rows(owner) == []
    assert not kept.rows(ANN)


def test_a_conversation_follows_what_is_dropped_and_asked_anew(kept: Conversations) -> None:
    kept.save(ANN, "a", [exchange(1), exchange(2), exchange(3)])
    kept.save(ANN, "a", [exchange(1), exchange(4, "Edited?")])
    assert [each.turn for each in kept.open(ANN, "a")] == [1, 4]
    kept.save(ANN, "a", [exchange(1), exchange(4, "Edited in another tab?")])
    assert kept.open(ANN, "a")[1].question == "Edited in another tab?"
    assert titles(kept, ANN) == ["When?"]


def test_an_answer_that_is_kept_keeps_its_edition(kept: Conversations) -> None:
    kept.save(ANN, "a", [exchange()])
    kept.save(ANN, "a", [SavedExchange(1, "When?", exchange().answer, "a later edition")])
    assert kept.open(ANN, "a")[0].edition == "edition"


def test_the_list_begins_with_the_one_that_changed_last(kept: Conversations) -> None:
    for name in "abc":
        kept.save(ANN, name, [exchange(question=name)])
    kept.save(ANN, "a", [exchange(question="a"), exchange(2)])
    assert titles(kept, ANN) == ["a", "c", "b"]
    kept.open(ANN, "b")
    assert kept.latest(ANN) == "b"
    assert titles(kept, ANN) == ["a", "c", "b"]


def test_a_title_is_changed_and_stays_short(kept: Conversations) -> None:
    kept.save(ANN, "a", [exchange()])
    kept.rename(ANN, "a", "  ")
    assert titles(kept, ANN) == ["When?"]
    kept.rename(ANN, "a", "x" * 500)
    assert titles(kept, ANN) == ["x" * 79 + "…"]


def test_what_is_deleted_is_not_in_the_file(kept: Conversations, tmp_path: Path) -> None:
    kept.save(ANN, "a", [exchange(question="A secret?", text="unspeakable " * 100)])
    kept.delete(ANN, "a")
    assert kept.rows(ANN) == []
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"unspeakable" not in (tmp_path / FILE).read_bytes()


def test_the_oldest_make_room(kept: Conversations) -> None:
    for n in range(MAX_OF_OWNER + 2):
        kept.save(ANN, f"{n}", [exchange(question=f"{n}")])
    kept.save(BOB, "b", [exchange()])
    assert len(kept.rows(ANN)) == MAX_OF_OWNER
    assert kept.open(ANN, "1") == []
    assert kept.open(ANN, "2") != []
    assert len(kept.rows(BOB)) == 1


def test_what_is_not_opened_for_half_a_year_goes(tmp_path: Path) -> None:
    clock = Clock()
    kept = Conversations(tmp_path, clock=clock)
    kept.save(ANN, "forgotten", [exchange()])
    kept.save(ANN, "loved", [exchange()])
    clock.now += MAX_AGE - 10
    kept.open(ANN, "loved")
    clock.now += 20
    kept.save(BOB, "new", [exchange()])
    assert [row.conversation_id for row in kept.rows(ANN)] == ["loved"]


def test_a_long_conversation_keeps_its_end(kept: Conversations) -> None:
    kept.save(ANN, "a", [exchange(turn) for turn in range(1, MAX_EXCHANGES + 3)])
    assert [each.turn for each in kept.open(ANN, "a")] == list(range(3, MAX_EXCHANGES + 3))


def test_only_the_account_of_the_server_may_read_the_file(
    kept: Conversations, tmp_path: Path
) -> None:
    kept.save(ANN, "a", [exchange()])
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_no_file_is_made_by_looking(kept: Conversations, tmp_path: Path) -> None:
    kept.rows(ANN)
    kept.open(ANN, "a")
    kept.delete(ANN, "a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"not a database, " * 400, b"SQLite format 3\x00" + b"\xff" * 99]
)
def test_a_damaged_file_is_set_aside_and_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    kept = Conversations(tmp_path)
    assert kept.rows(ANN) == []
    (aside,) = tmp_path.glob(f"{FILE}.damaged-*")
    assert aside.read_bytes() == content
    assert aside.name in kept.notices[0]
    kept.save(ANN, "a", [exchange()])
    assert Conversations(tmp_path).open(ANN, "a") == [exchange()]


def test_a_file_that_is_damaged_while_in_use_costs_one_error(tmp_path: Path) -> None:
    kept = Conversations(tmp_path)
    kept.save(ANN, "a", [exchange(turn, text="x" * 5_000) for turn in range(1, 40)])
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray((tmp_path / FILE).read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(OSError, match="could not be read or written .* try again, with a new file"):
        kept.open(ANN, "a")
    assert kept.open(ANN, "a") == []
    assert "set aside" in kept.notices[0]


def test_an_answer_that_is_not_json_is_left_out_and_told(tmp_path: Path) -> None:
    kept = Conversations(tmp_path)
    kept.save(ANN, "a", [exchange(1), exchange(2)])
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("UPDATE exchange SET answer = '{' WHERE turn = 1")
        connection.commit()
    assert kept.open(ANN, "a") == [exchange(2)]
    assert len(kept.notices) == 1


def test_a_file_of_a_later_format_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(OSError, match="must be of format 1, got 7"):
        Conversations(tmp_path).rows(ANN)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_transaction_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    kept = Conversations(tmp_path)
    kept.save(ANN, "a", [exchange(1)])

    def be_killed() -> None:
        with ConversationFile(tmp_path / FILE).connect() as connection:
            connection.execute("DELETE FROM conversation")
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        be_killed()
    assert kept.open(ANN, "a") == [exchange(1)]


def test_many_threads_and_two_servers_save_at_once(tmp_path: Path) -> None:
    servers = [Conversations(tmp_path), Conversations(tmp_path)]
    errors: list[Exception] = []

    def work(n: int) -> None:
        try:
            for _ in range(5):
                servers[n % 2].save(ANN, f"{n}", [exchange(question=f"{n}")])
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(titles(servers[0], ANN)) == sorted(map(str, range(8)))


def test_a_server_that_starts_waits_for_another_that_starts(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        server = Conversations(tmp_path)
        thread = threading.Thread(target=server.save, args=(ANN, "a", [exchange()]))
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
        other.execute("COMMIT")
        thread.join()
    assert len(server.open(ANN, "a")) == 1


def test_a_question_that_no_file_holds_is_kept_as_far_as_it_goes(kept: Conversations) -> None:
    kept.save(ANN, "a", [exchange(question="a\ud800b", text="c\ud800")])
    (read,) = kept.open(ANN, "a")
    assert read.question == "a?b"
    assert read.answer["answer"] == "c\ud800"


def test_ids_and_tokens_are_not_guessed() -> None:
    assert len({make_id() for _ in range(100)}) == 100
    assert len(make_id()) == 24
    assert len(make_token()) == 43
