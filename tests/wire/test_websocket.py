from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.exchange import Frame
from conformance.wire.websocket import NO_CODE, Close, read

TRANSCRIPT = (
    Frame(0.1, "server", "text", b'{"type": "session.created"}'),
    Frame(0.2, "client", "text", b'{"type": "response.create"}'),
    Frame(0.3, "server", "text", b'data: {"type": "x"}'),
    Frame(0.4, "server", "binary", b"\0"),
    Frame(0.5, "server", "text", b'{"type": 7}'),
    Frame(0.6, "client", "text", b'{"type": "session.update"}'),
    Frame(0.7, "server", "text", b'{"a": 1, "a": 2}'),
    Frame(0.8, "server", "close", b"\x03\xe8bye"),
    Frame(0.9, "client", "close", b""),
)


def test_messages_keep_their_place_in_the_transcript() -> None:
    conversation = read(TRANSCRIPT)
    assert [(message.index, message.type) for message in conversation.from_server()] == [
        (0, "session.created"),
        (2, None),
        (4, None),
        (6, None),
    ]
    assert [(message.index, message.type) for message in conversation.from_client()] == [
        (1, "response.create"),
        (5, "session.update"),
    ]
    assert conversation.binary == (3,)


def test_answers_lie_between_two_client_messages() -> None:
    conversation = read(TRANSCRIPT)
    assert [message.index for message in conversation.answers_to(1)] == [2, 4]
    assert [message.index for message in conversation.answers_to(5)] == [6]


def test_a_frame_that_is_not_json_says_why() -> None:
    message = read(TRANSCRIPT).messages[2]
    assert message.payload is None
    assert message.error is not None
    assert message.error.offset == 0


def test_json_deviations_are_kept() -> None:
    assert [deviation.kind for deviation in read(TRANSCRIPT).messages[5].deviations] == ["duplicate_key"]


def test_closes_carry_code_and_reason() -> None:
    assert read(TRANSCRIPT).closes == (
        Close(7, 0.8, "server", 1000, "bye"),
        Close(8, 0.9, "client", NO_CODE, ""),
    )


FRAMES = st.builds(
    Frame,
    st.just(0.0),
    st.sampled_from(["client", "server"]),
    st.sampled_from(["text", "close"]),
    st.binary(),
)


@settings(deadline=None)
@given(st.lists(FRAMES, max_size=5))
def test_no_transcript_makes_it_raise(frames: list[Frame]) -> None:
    conversation = read(frames)
    assert len(conversation.messages) + len(conversation.closes) == len(frames)
