"""The page that asks for one entity where a list needs one."""

from __future__ import annotations

from flask import render_template

from ..people.queries import entity_choices
from .doors import reading, viewer


def choose_entity(title: str, sentence: str) -> str:
    """Offer the viewer's entities; each leads to the same list with it chosen."""
    return render_template("components/choose.html", page_title=title, sentence=sentence, entities=entity_choices(reading(), viewer()))
