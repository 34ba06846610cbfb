from understudy.merging.part_store import PartRecord, PartStore
from understudy.merging.seal import is_intact, seal


def test_every_single_bit_of_a_sealed_file_counts(tmp_path):
    path = tmp_path / "part.mp4"
    path.write_bytes(b"pictures")
    assert not is_intact(path)
    seal(path)
    assert is_intact(path)
    for bit in range(64):
        path.write_bytes((int.from_bytes(b"pictures") ^ 1 << bit).to_bytes(8))
        assert not is_intact(path)


def test_names_and_contents_of_a_sealed_folder_count(tmp_path):
    folder = tmp_path / "part"
    folder.mkdir()
    (folder / "1.png").write_bytes(b"one")
    (folder / "2.png").write_bytes(b"two")
    seal(folder)
    assert is_intact(folder)
    (folder / "2.png").rename(folder / "3.png")
    assert not is_intact(folder)
    (folder / "3.png").rename(folder / "2.png")
    assert is_intact(folder)
    (folder / "2.png").write_bytes(b"three")
    assert not is_intact(folder)


def test_a_record_whose_times_were_damaged_is_none(tmp_path):
    store = PartStore(tmp_path)
    store.keep("part", PartRecord(times=("1/25", "2/25"), end="3/25", faces=2, failures=()))
    assert store.record("part") is not None
    path = tmp_path / "part.json"
    path.write_text(path.read_text().replace("2/25", "2/00"))
    assert store.record("part") is None
