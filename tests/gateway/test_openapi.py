"""The OpenAPI document is well-formed, complete, and what the server does.

The run here is short and the same every time; `python -m tests.gateway.schemathesis_run` is the long one.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from floorbook.gateway import actions, info, openapi
from floorbook.gateway.gateway import Options
from tests.gateway.live import live
from tests.gateway.schemathesis_run import Run, prepared, table

SECONDS_MAX = 45.0  # of requests; what is not tried by then is left out


@pytest.fixture(scope="module")
def document() -> Any:
    return openapi.document(Options())


def schemas(part: Any) -> list[Any]:
    """Return every schema in the document's paths."""
    if isinstance(part, list):
        return [schema for each in part for schema in schemas(each)]
    if not isinstance(part, dict):
        return []
    found = [part["schema"]] if "schema" in part else []
    return found + [schema for name, each in part.items() if name != "schema" for schema in schemas(each)]


def test_every_schema_is_one(document: Any) -> None:
    shown = schemas(document["paths"]) + list(document["components"]["schemas"].values())
    assert len(shown) > 500
    for schema in shown:
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere(document: Any) -> None:
    text = json.dumps(document)
    named = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    used = {part.partition('"')[0] for part in text.split('"$ref": "')[1:]}
    assert used <= named


def test_every_type_has_an_operation_that_says_what_it_does(document: Any) -> None:
    paths = [*(f"/info/{name}" for name in info.TYPES), *(f"/exchange/{name}" for name in actions.KINDS)]
    for path in paths:
        operation = document["paths"][path]["post"]
        assert operation["summary"].endswith("."), path
        assert set(operation["responses"]) == {"200", "408", "413", "422", "429", "503"}
    assert set(document["paths"]) == {*paths, "/health", "/metrics"}


def test_the_way_to_the_chain_is_there_with_one() -> None:
    operation = openapi.document(Options(), has_chain=True)["paths"]["/rpc"]["post"]
    assert "JSON-RPC" in operation["summary"]


def test_server_does_what_the_document_says(tmp_path: Path) -> None:
    with live(tmp_path) as venue:
        prepared(venue)
        run = Run(venue)
        run.go(examples=1, seconds=SECONDS_MAX)
    print(table(run))
    assert run.failures == []
    done = run.outcomes["Native actions"]
    assert done["accepted"] + done["refused"] > done["cases"] // 3  # past the signature
