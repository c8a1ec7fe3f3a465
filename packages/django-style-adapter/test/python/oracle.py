"""Runs the real Django and django-storages for the live tests: calls on standard input, what they gave on standard output.

Each call is [function, *arguments]; each answer {"ok": value} or {"err": class, "msg": sentence}. Bytes travel as {"hex": text}.
"""

import json
import sys
import unicodedata

import django
from django.conf import settings


def configure(providers):
    settings.configure(LIBCLOUD_PROVIDERS=providers, USE_TZ=True)


def main():
    request = json.load(sys.stdin)
    configure(request.get("providers", {}))

    import os.path
    import posixpath

    from django.core.files import storage as django_storage
    from django.core.files.base import ContentFile
    from django.core.files.utils import validate_file_name
    from django.utils.encoding import filepath_to_uri
    from django.utils.text import get_valid_filename
    from storages.utils import clean_name

    django_storage.get_random_string = lambda length: "RANDOM7"

    class Names(django_storage.Storage):
        def __init__(self, taken=()):
            self.taken = set(taken)

        def exists(self, name):
            return name in self.taken

    def data_of(value):
        return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value

    def shown(value):
        return {"hex": value.hex()} if isinstance(value, bytes) else value

    libcloud = {}

    def storage():
        if not libcloud:
            from storages.backends.apache_libcloud import LibCloudStorage

            libcloud["storage"] = LibCloudStorage()
        return libcloud["storage"]

    calls = {
        "clean_name": clean_name,
        "get_valid_filename": get_valid_filename,
        "validate_file_name": validate_file_name,
        "validate_file_name_rel": lambda name: validate_file_name(name, allow_relative_path=True),
        "generate_filename": lambda name: Names().generate_filename(name),
        "available_name": lambda name, taken, max_length: Names(taken).get_available_name(name, max_length=max_length),
        "filepath_to_uri": filepath_to_uri,
        "normpath": posixpath.normpath,
        "split": posixpath.split,
        "splitext": os.path.splitext,
        "lines": lambda data: [shown(line) for line in ContentFile(data_of(data))],
        "chunks": lambda data, size: [shown(chunk) for chunk in ContentFile(data_of(data)).chunks(size)],
        "kept_characters": lambda: [
            [code, unicodedata.category(chr(code))]
            for code in range(0x110000)
            if not 0xD800 <= code <= 0xDFFF and (get_valid_filename("x" + chr(code) + "x") == "x" + chr(code) + "x")
        ],
        "unassigned": lambda text: any(unicodedata.category(character) == "Cn" for character in text),
        "assigned": lambda: [
            code for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs")
        ],
        "versions": lambda: [django.get_version(), unicodedata.unidata_version],
        "save": lambda name, data: storage().save(name, ContentFile(data_of(data))),
        "read": lambda name: shown(storage().open(name).read()),
        "exists": lambda name: storage().exists(name),
        "size": lambda name: storage().size(name),
        "listdir": lambda path: storage().listdir(path),
        "delete": lambda name: bool(storage().delete(name)),
    }

    def answer(call):
        name, *arguments = call
        try:
            return {"ok": calls[name](*arguments)}
        except Exception as error:  # what the real code raises is what is asked for
            return {"err": type(error).__name__, "msg": str(error)}

    json.dump([answer(call) for call in request["calls"]], sys.stdout)


main()
