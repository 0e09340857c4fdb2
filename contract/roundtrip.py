"""roundtrip.py DOCUMENT FOLDER PACKAGE: imports every module of a generated Python client, and passes every example through its model.

Exit 1 where a module can't be imported, or an example does not come out as it went in.
"""

import importlib
import json
import pkgutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

# Sent as forms, for which generators make arguments or files instead.
FORMS = {"TokenRequest", "ImportUpload"}


def plain(value: Any) -> Any:
    """A value without its spelling: an instant has several, and absent and null are the same."""
    if isinstance(value, dict):
        return {key: plain(field) for key, field in value.items() if field is not None}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, str) and len(value) >= 20:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return str(value) if isinstance(value, UUID) else value


def passed(model: Any, example: Any) -> Any:
    """The example, through JSON as the client reads and writes it."""
    if hasattr(model, "model_validate_json"):
        return json.loads(model.from_json(json.dumps(example)).to_json())
    return json.loads(json.dumps(model.from_dict(example).to_dict()))


def main(document: str, folder: str, package: str) -> None:
    """All modules, then all examples."""
    sys.path.insert(0, folder)
    root = importlib.import_module(package)
    modules = [found.name for found in pkgutil.walk_packages(root.__path__, f"{package}.")]
    for name in modules:
        importlib.import_module(name)
    models, wrong, tried = importlib.import_module(f"{package}.models"), 0, 0
    for name, schema in json.loads(Path(document).read_text())["components"]["schemas"].items():
        if name in FORMS or "properties" not in schema:
            continue
        # A name that is a word of the language is changed by the generator.
        model = next((getattr(models, word) for word in (f"{name}_", f"Model{name}", name) if hasattr(models, word)), None)
        for example in schema.get("examples", []):
            tried += 1
            got = passed(model, example) if model else "no such model"
            if plain(got) != plain(example):
                wrong += 1
                print(f"{package}: {name}\n  in  {example}\n  out {got}")
    print(f"{package}: {len(modules)} modules, {tried - wrong} of {tried} examples")
    if wrong or not tried:
        raise SystemExit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
