"""Access: deny by default, 404 for what one may not see."""

from __future__ import annotations

from tests.cast import World


def test_the_cast_stands_as_its_sentences_say(world: World) -> None:
    assert world.officer.sees(world.ours)
    assert not world.officer.sees(world.others)
    assert not world.outsider.sees(world.ours)
    assert not world.admin.sees(world.ours)
