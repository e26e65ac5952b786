"""Takes uploaded files into the store: every one of a request or none, each refusal with the sentence of its file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask import request
from flask_babel import gettext as _

from ...errors import BadInput, Place, TooLarge
from ...evidence.actions import EvidenceFacts, checked_facts
from ...evidence.store import Store, Stored
from ..doors import config
from ..form import Form

FIELD = "files"


def store() -> Store:
    """Return the store of this installation."""
    return Store(config().store, config().upload_limit)


def received(facts: EvidenceFacts) -> list[Stored]:
    """Keep the files of this request and return them; one that is refused refuses all, and each gets its sentence.

    What is said of them is checked first: bytes that no row will name must not lie in the store.
    """
    checked_facts(facts)
    files = [one for one in request.files.getlist(FIELD) if one.filename]
    if not files:
        raise BadInput.at(FIELD, _("请先选择要上传的文件。"))
    shelf, keepers, problems = store(), [], []
    with ExitStack() as held:
        for one in files:
            try:
                keepers.append(held.enter_context(shelf.staged(one.stream, one.filename or "")))
            except (BadInput, TooLarge) as problem:
                if len(files) == 1:
                    raise
                problems.append(Place(FIELD, problem.sentence))
        if problems:
            raise BadInput(_("有 %(n)s 个文件不能接收，所选文件均未保存。", n=len(problems)), problems)
        return [keep() for keep in keepers]


@contextmanager
def told_at_once(form: Form) -> Iterator[None]:
    """For a script, which shows one message: put all that is wrong with the form or the file into it."""
    if not form.validate():
        raise BadInput("；".join(f"{field.label.text}：{error}" for field in form for error in field.errors))
    try:
        yield
    except BadInput as problem:
        raise BadInput("".join(place.sentence for place in problem.problems) or problem.sentence, problem.problems) from problem
