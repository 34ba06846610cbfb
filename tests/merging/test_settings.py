import pytest
from pydantic import ValidationError

from understudy.merging.settings import MergeSettings


def test_settings_survive_json():
    settings = MergeSettings(mode="seamless", erode=-3.5, mask="dst")
    assert MergeSettings.model_validate_json(settings.model_dump_json()) == settings


@pytest.mark.parametrize("fault", [{"mode": "paste"}, {"erode": 51}, {"blur": -1}, {"batch_size": 0}, {"sharper": 1}])
def test_what_is_not_there_or_out_of_range_is_refused(fault):
    with pytest.raises(ValidationError):
        MergeSettings.model_validate(fault)
