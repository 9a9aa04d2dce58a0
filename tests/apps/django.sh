#!/bin/sh
# Starts a Django site with its administration, which is kept in the folder $1, and prints its URL.
# The user is ann, the password secret-31d4. Ends with 77 where Python or Django cannot be had.
set -eu
folder=$1
python="$folder/venv/bin/python"
mkdir -p "$folder"

if [ ! -e "$folder/venv/complete" ]; then
    {
        rm -rf "$folder/venv" &&
            python3 -m venv "$folder/venv" &&
            "$python" -m pip install --quiet --disable-pip-version-check 'django>=5.2,<6' &&
            touch "$folder/venv/complete"
    } >&2 || exit 77
fi

if [ ! -d "$folder/site" ]; then
    new="$folder/site.new"
    rm -rf "$new"
    mkdir "$new"
    "$python" -m django startproject site_of_others "$new" >&2
    "$python" "$new/manage.py" migrate --verbosity 0 >&2
    DJANGO_SUPERUSER_PASSWORD=secret-31d4 "$python" "$new/manage.py" createsuperuser \
        --noinput --username ann --email ann@acme.example >&2
    mv "$new" "$folder/site"
fi

cd "$folder/site"
DJANGO_SETTINGS_MODULE=site_of_others.settings exec "$python" - <<'PYTHON'
from wsgiref.simple_server import WSGIRequestHandler, make_server

from site_of_others.wsgi import application


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
PYTHON
