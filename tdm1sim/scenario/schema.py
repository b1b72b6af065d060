"""The JSON Schema of the scenario language, for completion and checks in editors."""

from __future__ import annotations

from typing import Any

from tdm1sim.catalogue import Catalogue, load_catalogue
from tdm1sim.scenario.document import Document


def json_schema(catalogue: Catalogue | None = None) -> dict[str, Any]:
    """Return the JSON Schema of a scenario file.

    Quantities are texts with a pattern and a description; names of the catalogue (drugs, resistance mechanisms,
    cell lines, symbols of parameters) are offered. What a whole scenario must say is not demanded: a file that
    extends another says only what differs.

    Parameters
    ----------
    catalogue : Catalogue, optional
        What is known; the package's own by default.
    """
    catalogue = catalogue or load_catalogue()
    schema = Document.model_json_schema(by_alias=True)
    _without_null(schema)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "tdm1sim scenario"
    schema["description"] = "A scenario of tdm1sim, format 1. A teaching and research tool, not clinical advice."
    schema["required"] = ["format"]
    schema["properties"]["parameters"]["properties"] = {
        symbol: {
            "description": f"{entry.name}. Default {entry.value:g} {'' if entry.unit == '1' else entry.unit}".rstrip()
            + f" ({entry.status}).",
            "type": "number" if entry.unit == "1" else "string",
        }
        for symbol, entry in catalogue.parameters.items()
    }
    schema["properties"]["parameters"]["additionalProperties"] = False
    parts = schema["$defs"]
    for named in (schema["properties"]["cell_lines"], parts["TumourSection"]["properties"]["clones"]):
        named["additionalProperties"] = False  # names that do not fit the pattern
    parts["Entry"]["properties"]["drug"]["enum"] = list(catalogue.drugs)
    parts["Clone"]["properties"]["resistance"]["items"] = {"enum": list(catalogue.resistance)}
    parts["Clone"]["properties"]["cell_line"]["examples"] = list(catalogue.cell_lines)
    parts["ReadoutSection"]["properties"]["measured"]["enum"] = list(catalogue.measured)
    return schema


def _without_null(node: Any) -> None:
    """Remove what pydantic says about None: a key without value is an error here, not a default."""
    if isinstance(node, list):
        for below in node:
            _without_null(below)
        return
    if not isinstance(node, dict):
        return
    node.pop("title", None) if isinstance(node.get("title"), str) else None
    if node.get("default", 0) is None:
        del node["default"]
    arms = node.get("anyOf")
    if isinstance(arms, list) and {"type": "null"} in arms:
        kept = [arm for arm in arms if arm != {"type": "null"}]
        del node["anyOf"]
        if len(kept) == 1:
            words = node.get("description")
            node.update(kept[0])
            if words and kept[0].get("description"):
                node["description"] = f"{words} {kept[0]['description']}"
            elif words:
                node["description"] = words
        else:
            node["anyOf"] = kept
    for below in node.values():
        _without_null(below)
