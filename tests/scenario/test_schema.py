"""The JSON Schema: right about every bundled scenario, and of use to an editor."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.scenario import bundled, json_schema, read_plain

SCHEMA = json_schema()
_TYPES: dict[str, Any] = {"object": dict, "array": list, "string": str, "number": (int, float), "boolean": bool}


def faults(value: Any, schema: Any, where: str = "") -> list[str]:
    """What a value breaks of a schema: the part of JSON Schema that ours uses."""
    if schema is False:
        return [f"{where}: not allowed"]
    if "$ref" in schema:
        return faults(value, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[-1]], where)
    found = []
    for word, need in (("anyOf", 1), ("oneOf", 1)):
        if word in schema and sum(not faults(value, arm, where) for arm in schema[word]) < need:
            found.append(f"{where}: no alternative fits")
    kind = schema.get("type")
    whole = kind == "integer" and isinstance(value, int | float) and value == int(value)
    if kind and not whole and (not isinstance(value, _TYPES.get(kind, ())) or (kind == "number" and value is True)):
        return [*found, f"{where}: not {kind}"]
    if ("enum" in schema and value not in schema["enum"]) or ("const" in schema and value != schema["const"]):
        found.append(f"{where}: not among the choices")
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, above, high = schema.get("minimum"), schema.get("exclusiveMinimum"), schema.get("maximum")
        fits = (low is None or value >= low) and (above is None or value > above) and (high is None or value <= high)
        found += [] if fits else [f"{where}: out of range"]
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{where}: pattern")
    if isinstance(value, list):
        for index, item in enumerate(value):
            found += faults(item, schema.get("items", {}), f"{where}.{index}")
    if isinstance(value, dict):
        found += [f"{where}.{key}: required" for key in schema.get("required", ()) if key not in value]
        for key, item in value.items():
            patterns = [s for p, s in schema.get("patternProperties", {}).items() if re.search(p, key)]
            below = schema.get("properties", {}).get(
                key, patterns[0] if patterns else schema.get("additionalProperties", {})
            )
            found += faults(item, below, f"{where}.{key}")
    return found


def trees() -> dict[str, Any]:
    return {name: read_plain(path.read_text(encoding="utf-8")) for name, path in bundled().items()}


@pytest.mark.parametrize("name", sorted(bundled()))
def test_bundled_scenarios_fit(name: str) -> None:
    assert faults(trees()[name], SCHEMA) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), 2),
        (("patient", "weight"), 70),
        (("patient", "weight"), "70"),
        (("tumour", "clones", "main", "her2"), 3),
        (("tumour", "clones", "main", "fraction"), 2),
        (("tumour", "clones", "main", "mdr"), 2),
        (("tumour", "clones", "ma in"), {}),
        (("treatment", 0, "dose"), 3.6),
        (("tumour", "cells"), 0),
        (("treatment", 0, "drug"), "tdm1"),
        (("run", "sed"), 1),
        (("parameters",), {"Cm": "1 nM"}),
        (("parameters",), {"C_M": 100}),
        (("figures",), ["fate"]),
        (("patient", "albumin"), 41),
        (("patient", "population"), "yes"),
        (("immune",), {"nk": 1}),
        (("immune",), {"nk_per_tumour_cell": -1}),
        (("treatment", 0, "inhibition"), 1.5),
        (("record", "attribution"), "no"),
        (("parameters",), {"CL_trastuzumb": "1 L/d"}),
    ],
)
def test_mistakes_do_not_fit(path: tuple[str | int, ...], value: object) -> None:
    tree = copy.deepcopy(trees()["her2_positive"])
    assert faults(tree, SCHEMA) == []
    table = tree
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = value
    assert faults(tree, SCHEMA) != []


def test_it_is_json_and_speaks_to_people() -> None:
    text = json.dumps(SCHEMA)
    assert '"null"' not in text, "a key without value is an error, so null is not offered"
    weight = SCHEMA["$defs"]["PatientSection"]["properties"]["weight"]
    assert weight["examples"] == ["70 kg"]
    assert weight["description"] == "Body weight. A body weight with its unit (kg); from 20 to 300 kg."
    assert set(SCHEMA["properties"]["parameters"]["properties"]) == set(load_catalogue().parameters)
    for section in [SCHEMA, *SCHEMA["$defs"].values()]:
        for name, entry in section["properties"].items():
            assert entry.get("description"), name
    assert SCHEMA["required"] == ["format"]
