"""Pure rule: the format of a register file as a JSON Schema (2020-12), made from the models that read it.

Editors see a file as YAML 1.2: a bare 2025 is a number to them where the reader sees text, so texts may be numbers here. What
the reader takes, the schema takes, but for two things that an editor marks: a bare `true` or `false` meant as text, and a
text that is over its length only by the blanks around it or at its line folds. What hangs together across parts (codes
that must be defined, ids that must differ) is for the reader alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from ... import words as vocabulary
from ...words import Cadence, SentenceClass, Word
from ..shape import FORMAT, REVIEWABLE, Clause, Document, LawRef, Obligation, Part, Register, keys
from .keys import PARTS, choices, told

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_WORDS: dict[str, type[Word]] = {name: kind for name, kind in vars(vocabulary).items() if isinstance(kind, type) and issubclass(kind, Word)}
# Members of these lists are sets to the reader, which refuses one that is named twice.
_UNIQUE = {"subjects", "inferred", "consequences", "evidence", "facts", "articles"}


def json_schema() -> Schema:
    """Return the schema of a whole register file."""
    whole = Register.model_json_schema()
    drawn: dict[str, Schema] = {**whole.pop("$defs"), Register.__name__: whole}
    defined = {model.__name__: _part(model, drawn[model.__name__]) for model in PARTS}
    _rhythm(defined[Obligation.__name__])
    return {"$schema": DIALECT, **defined.pop(Register.__name__), "title": "合规义务清单", "$defs": defined}


def written_schema() -> str:
    """Return the schema as the text of a file."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def _part(model: type[Part], drawn: Schema) -> Schema:
    properties = {key: _key(model, key, drawn["properties"][key]) for key in keys(model)}
    return {
        "type": "object",
        "description": PARTS[model],
        "properties": properties,
        "required": drawn["required"],
        "additionalProperties": False,
    }


def _key(model: type[Part], key: str, drawn: Schema) -> Schema:
    shape = _SPECIAL.get((model, key), _shape)(drawn)
    if key in _UNIQUE and shape.get("type") == "array":
        shape["uniqueItems"] = True
    labels = shape.pop("description", "")
    examples = [example for example in drawn.get("examples", ()) if '"' not in example]
    said = {"title": keys(model)[key].title or key, "description": "\n\n".join(part for part in (told(model, key), labels) if part)}
    return said | ({"examples": examples} if examples else {}) | shape


def _shape(drawn: Schema) -> Schema:
    """Turn what pydantic draws of a value into what an editor is to check."""
    if "anyOf" in drawn:
        # Nothing in a register file is null: what is not there is left out.
        return _shape(next(one for one in drawn["anyOf"] if one.get("type") != "null"))
    if "$ref" in drawn:
        name = drawn["$ref"].rpartition("/")[2]
        return _choice(_WORDS[name]) if name in _WORDS else {"$ref": drawn["$ref"]}
    if drawn["type"] == "array":
        return {"type": "array", "items": _shape(drawn["items"]), **_kept(drawn, "minItems", "maxItems")}
    if drawn["type"] == "object":
        return _table(drawn)
    if drawn["type"] == "string" and "pattern" not in drawn:
        return {"type": ["string", "number"], "pattern": r"\S", **_kept(drawn, "minLength", "maxLength")}
    return _kept(drawn, "type", "pattern", "minLength", "maxLength")


def _table(drawn: Schema) -> Schema:
    members = {pattern: _shape(member) for pattern, member in drawn["patternProperties"].items()}
    return {"type": "object", "patternProperties": members, "additionalProperties": False, **_kept(drawn, "propertyNames")}


def _kept(drawn: Schema, *words: str) -> Schema:
    return {word: drawn[word] for word in words if word in drawn}


def _choice(words: Iterable[Word]) -> Schema:
    listed = list(words)
    return {
        "type": "string",
        "enum": [word.value for word in listed],
        "description": choices(listed),
        # The two families of editors show a label beside each choice, each under its own key; others pass over both.
        "enumDescriptions": [word.label for word in listed],
        "x-intellij-enum-metadata": {word.value: {"description": word.label} for word in listed},
    }


def _sentences(drawn: Schema) -> Schema:
    return _kept(drawn, "type", "maxItems") | {"items": {"anyOf": [_choice(SentenceClass), _shape(drawn["items"])]}}


def _articles(drawn: Schema) -> Schema:
    number = {"type": "integer", "minimum": 1, "maximum": 9999}
    return _kept(drawn, "type", "maxItems") | {"items": {"anyOf": [_shape(drawn["items"]), number]}}


def _number(drawn: Schema) -> Schema:
    return {"anyOf": [_kept(drawn, "type", "minimum", "maximum"), {"type": "string", "pattern": "^[1-9][0-9]{0,2}$"}]}


# How each of these is written in a file differs from what the models hold.
_SPECIAL: dict[tuple[type[Part], str], Callable[[Schema], Schema]] = {
    (Register, "format"): lambda _: {"enum": [FORMAT, str(FORMAT)]},
    (Register, "edition"): lambda drawn: {"anyOf": [_shape(drawn), {"type": "number", "minimum": 0, "exclusiveMaximum": 10000}]},
    (Document, "issued"): lambda drawn: _kept(drawn, "type", "format") | {"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    (Document, "preface"): _sentences,
    (Clause, "sentences"): _sentences,
    (Clause, "no"): _number,
    (LawRef, "articles"): _articles,
    (Obligation, "review_every"): lambda _: _choice(REVIEWABLE),
}


def _rhythm(obligation: Schema) -> None:
    """Add that a cadence needs its companion, and that no other cadence has it."""
    obligation["allOf"] = [
        {
            "if": {"properties": {"cadence": {"const": cadence.value}}, "required": ["cadence"]},
            "then": {"required": [key]},
            "else": {"properties": {key: False}},
        }
        for cadence, key in ((Cadence.EVENT, "trigger"), (Cadence.CONTINUOUS, "review_every"))
    ]
