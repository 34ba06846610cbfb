import pytest

from understudy.merging.earlier import keep_earlier, refuse_unlike
from understudy.project import UnderstudyError


def test_each_result_gets_the_next_number_and_keeps_its_name_until_it_is_taken(tmp_path):
    result, sidecar = tmp_path / "result.mkv", tmp_path / "result.c2pa"
    assert keep_earlier(result) is None
    for number in (1, 2, 3):
        result.unlink(missing_ok=True)
        sidecar.unlink(missing_ok=True)
        result.write_text(f"film {number}")
        sidecar.write_text(f"credentials {number}")
        assert keep_earlier(result) == tmp_path / f"result.{number}.mkv"
        assert result.read_text() == f"film {number}"
    for number in (1, 2, 3):
        assert (tmp_path / f"result.{number}.mkv").read_text() == f"film {number}"
        assert (tmp_path / f"result.{number}.c2pa").read_text() == f"credentials {number}"


def test_a_number_that_somebody_took_away_is_not_given_again_below_the_last(tmp_path):
    for name in ("result.2.mp4", "result.mp4", "result.old.mp4"):
        (tmp_path / name).touch()
    assert keep_earlier(tmp_path / "result.mp4") == tmp_path / "result.3.mp4"


def test_a_folder_moves_and_an_empty_one_stays(tmp_path):
    folder = tmp_path / "merged"
    folder.mkdir()
    assert keep_earlier(folder) is None
    (folder / "00001.png").touch()
    assert keep_earlier(folder) == tmp_path / "merged.1"
    assert (tmp_path / "merged.1" / "00001.png").exists()
    assert not folder.exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "beach.jpg").touch()
    (tmp_path / "notes").touch()
    for name in ("holiday", "notes"):
        with pytest.raises(UnderstudyError, match=f"{name} exists already"):
            refuse_unlike(tmp_path / name)
    (tmp_path / "holiday" / "pictures.sha256").touch()
    refuse_unlike(tmp_path / "holiday")
    refuse_unlike(tmp_path / "new")
    with pytest.raises(UnderstudyError, match="notes is no folder"):
        refuse_unlike(tmp_path / "notes" / "result.mp4")
