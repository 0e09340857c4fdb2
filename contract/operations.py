"""operations.py DOCUMENT KIND FOLDER: exit 1 where a generated client lacks an operation of the document.

Some generators drop what they don't understand, say so in a line among hundreds, and end well.
"""

import json
import re
import sys
from pathlib import Path

METHODS = {"get", "put", "post", "patch", "delete"}


def snake(name: str) -> str:
    """`listAgencies` as `list_agencies`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def pascal(name: str) -> str:
    """`listAgencies` as `ListAgencies`."""
    return name[0].upper() + name[1:]


# For each kind of client: its files, how an operation is named in it, and how one is defined.
KINDS = {
    "openapi-typescript": ("*.d.ts", str, r"^    {}: \{{$"),
    "hey-api": ("sdk.gen.ts", str, r"^export const {} = "),
    "openapi-python-client": ("**/api/*/*.py", snake, r'^# {}\.py$'),
    "python": ("openapi_client/api/*.py", snake, r"^    def {}\($"),
    "java": ("src/main/**/api/*.java", str, r"^  public \S.* {}\("),
    "typescript-fetch": ("apis/*.ts", str, r"^    async {}\("),
    "csharp": ("src/**/Api/*.cs", pascal, r"^        public (async )?\S.* {}(Async)?\("),
    "kotlin": ("src/main/**/apis/*.kt", str, r"^    (suspend )?fun {}\("),
    "go": ("api_*.go", pascal, r"^func \(a \*\w+\) {}\("),
    "php": ("lib/Api/*.php", str, r"^    public function {}\("),
    "rust": ("src/apis/*.rs", snake, r"^pub (async )?fn {}\("),
}


def main(document: str, kind: str, folder: str) -> None:
    """Looks for each."""
    paths = json.loads(Path(document).read_text())["paths"].values()
    ids = [operation["operationId"] for item in paths for method, operation in item.items() if method in METHODS]
    pattern, name, definition = KINDS[kind]
    # A file's name counts too: openapi-python-client gives each operation a file.
    text = "\n".join(f"# {file.name}\n{file.read_text()}" for file in sorted(Path(folder).glob(pattern)))
    missing = [id for id in ids if not re.search(definition.format(re.escape(name(id))), text, re.MULTILINE)]
    for id in missing:
        print(f"{kind} lacks {id}")
    print(f"{kind}: {len(ids) - len(missing)} of {len(ids)} operations")
    if missing or not ids:
        raise SystemExit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
