"""A sealed file opens whole with its key, or not at all."""

from __future__ import annotations

import io
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.stores import sealed
from safer_streets_assets.stores.sealed import MAGIC, SealError, seal, unseal

KEY, OTHER = "11" * 32, "22" * 32
CHUNK = 16
HEAD, TAG = 12 + 4, 16


@pytest.fixture(autouse=True, scope="module")
def small_chunks() -> object:
    """Chunks so small that a few bytes make several."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sealed, "CHUNK", CHUNK)
        yield


def sealed_bytes(content: bytes, folder: Path) -> Path:
    place = folder / "drop.sealed"
    seal(io.BytesIO(content), place, KEY)
    return place


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.one_of(
        st.binary(max_size=4 * CHUNK),
        st.builds(
            lambda n, d: bytes(range(256))[: n * CHUNK + d],
            st.integers(0, 5),
            st.integers(0, 2),
        ),
        st.builds(lambda n: b"x" * (n * CHUNK - 1), st.integers(1, 5)),
    )
)
def test_what_was_sealed_comes_back(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = sealed_bytes(content, Path(folder))
        assert unseal(place, KEY) == content
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert [p.name for p in Path(folder).iterdir()] == ["drop.sealed"]
        if len(content) > len(MAGIC):
            assert content not in place.read_bytes()


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(0, 3 * CHUNK + 1), st.data())
def test_a_sealed_file_cut_short_does_not_open(size: int, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = sealed_bytes(bytes(size), Path(folder))
        whole = place.read_bytes()
        # Ends of chunks are where a cut is hardest to see.
        ends = range(len(MAGIC), len(whole), HEAD + CHUNK + TAG)
        cut = data.draw(st.one_of(st.integers(0, len(whole) - 1), st.sampled_from(list(ends))))
        place.write_bytes(whole[:cut])
        with pytest.raises(SealError, match=r"; .*\.$"):
            unseal(place, KEY)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(0, 3 * CHUNK), st.data())
def test_a_sealed_file_with_one_bit_changed_never_gives_other_bytes(
    size: int, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = sealed_bytes(bytes(size), Path(folder))
        content = bytearray(place.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= 1 << data.draw(st.integers(0, 7))
        place.write_bytes(content)
        try:
            opened = unseal(place, KEY)
        except SealError:
            return
        # The length of the last chunk is all that may be wrong: the rest of the file is the chunk.
        assert opened == bytes(size)
        last = (
            len(content) - (HEAD + size % CHUNK + TAG)
            if size % CHUNK or not size
            else (len(content) - (HEAD + CHUNK + TAG))
        )
        assert last + 12 <= at < last + HEAD


def chunks_of(place: Path) -> list[bytes]:
    body, size = place.read_bytes()[len(MAGIC) :], HEAD + CHUNK + TAG
    return [body[i : i + size] for i in range(0, len(body), size)]


def test_chunks_cannot_be_swapped_left_out_repeated_or_added(tmp_path: Path) -> None:
    place = sealed_bytes(bytes(range(4 * CHUNK)), tmp_path)
    one, two, three, four = chunks_of(place)
    for changed in ([two, one, three, four], [one, three, four], [one, one, two, three, four]):
        place.write_bytes(MAGIC + b"".join(changed))
        with pytest.raises(SealError):
            unseal(place, KEY)
    place.write_bytes(MAGIC + b"".join([one, two, three, four, four]))
    with pytest.raises(SealError):
        unseal(place, KEY)


def test_another_key_does_not_open_it(tmp_path: Path) -> None:
    with pytest.raises(SealError, match=r"^A sealed file in .* does not open: it is damaged, or"):
        unseal(sealed_bytes(b"Zebedee", tmp_path), OTHER)


def test_a_file_that_is_not_sealed_says_so(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"Zebedee Quillfeather")
    with pytest.raises(SealError, match=r"^A sealed file in .* is damaged, or is none") as caught:
        unseal(tmp_path / "plain", KEY)
    assert "Zebedee" not in str(caught.value)


def test_the_same_bytes_are_sealed_differently_each_time(tmp_path: Path) -> None:
    first = sealed_bytes(bytes(40), tmp_path).read_bytes()
    assert sealed_bytes(bytes(40), tmp_path).read_bytes() != first


def test_an_interrupted_sealing_leaves_what_was_there_and_can_be_run_again(
    tmp_path: Path,
) -> None:
    place = sealed_bytes(b"first", tmp_path)

    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= CHUNK:
                raise OSError
            return super().read(size)

    with pytest.raises(OSError, match=r"^$"):
        seal(Failing(bytes(100)), place, KEY)
    assert unseal(place, KEY) == b"first"
    seal(io.BytesIO(b"second"), place, KEY)
    assert unseal(place, KEY) == b"second"
    assert [p.name for p in tmp_path.iterdir()] == ["drop.sealed"]
