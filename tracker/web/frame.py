"""What every page of a signed-in person shows around its content: one plain value the web door fills."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RailItem:
    """One entry of the left rail; `icon` is a name from `tracker.web.icons.NAMES`."""

    key: str
    label: str
    icon: str
    url: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class EntityChoice:
    """One entity the person may look at; `depth` is its level in the group tree, 0 at the root."""

    id: str
    name: str
    url: str
    current: bool = False
    depth: int = 0


@dataclass(frozen=True, slots=True)
class MenuLink:
    """One entry of the person's menu; `post` sends a form with the CSRF token (sign out)."""

    label: str
    url: str
    icon: str = ""
    post: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame around one page, given to `base.html` as `frame`.

    `all_entities` is the choice 全部主体, or None for somebody who works in one entity only;
    `moment` is the time the page was made, in words, for the foot of the printed page.
    """

    system_name: str
    home_url: str
    rail: tuple[RailItem, ...]
    entities: tuple[EntityChoice, ...]
    all_entities: EntityChoice | None
    person: str
    person_note: str
    menu: tuple[MenuLink, ...]
    bell_count: int
    bell_url: str
    search_url: str
    csrf_token: str
    moment: str
    search_text: str = ""
    # Open alarms of which this person is told; nobody else hears that there are any.
    alarms: int = 0
